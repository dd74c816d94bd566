package dev.koalja.benchmarks.day;

import java.time.Duration;

/**
 * A day whose hours are shorter. It has two waves, each from nothing to a noon and back to nothing,
 * exactly alike: so each hour of the second has one in the first to be compared with.
 *
 * @param hour how long one takes
 */
record Clock(Duration hour) {
  static final int HOURS = 24;

  /** From an hour to the same one of the other wave. */
  static final int WAVE = HOURS / 2;

  /** The hour of most load, of both waves. */
  static final int NOON = WAVE / 2;

  /** From noon to where the night begins, and from where it ended. */
  private static final double HALF_DAY = 4.5;

  /** The part of the load of noon that an hour has, 0 to 23. */
  static double share(int hour) {
    double fromNoon = Math.abs(hour % WAVE - NOON);
    return fromNoon >= HALF_DAY ? 0 : Math.cos(Math.PI / 2 * fromNoon / HALF_DAY);
  }

  /** So many hours. */
  Duration hours(double count) {
    return Duration.ofMillis(Math.round(count * hour.toMillis()));
  }
}
