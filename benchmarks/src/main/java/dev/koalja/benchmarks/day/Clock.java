package dev.koalja.benchmarks.day;

import java.time.Duration;

/**
 * A day whose hours are shorter. By night nothing happens, at noon the most.
 *
 * @param hour how long one takes
 */
record Clock(Duration hour) {
  static final int HOURS = 24;
  private static final int NOON = 12;

  /** From noon to where the night begins, and from where it ended. */
  private static final double HALF_DAY = 8;

  /** The part of the load of noon that an hour has, 0 to 23. */
  static double share(int hour) {
    double fromNoon = Math.abs(hour - NOON);
    return fromNoon >= HALF_DAY ? 0 : Math.cos(Math.PI / 2 * fromNoon / HALF_DAY);
  }

  /** So many hours. */
  Duration hours(double count) {
    return Duration.ofMillis(Math.round(count * hour.toMillis()));
  }
}
