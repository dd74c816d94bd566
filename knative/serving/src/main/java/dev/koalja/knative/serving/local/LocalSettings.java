package dev.koalja.knative.serving.local;

import java.time.Duration;

/**
 * Limits of the local serving.
 *
 * @param startTimeout how long a process may take until it is ready
 * @param drainTimeout how long a process may take to finish what is in flight and end
 * @param closeTimeout the same for all of them together when the serving closes; short, because
 *     whoever sends requests has stopped before and waited for the answers
 * @param maxWaiting requests for one task that may wait at the same time
 * @param tick how often scaling is decided
 * @param standBy how long a process of the next build waits to be taken over; whoever asked for it
 *     may have died
 * @param cacheRequired whether a start-up cache that does not fit its build fails the start; else
 *     it is done without, with a warning
 */
public record LocalSettings(
    Duration startTimeout,
    Duration drainTimeout,
    Duration closeTimeout,
    int maxWaiting,
    Duration tick,
    Duration standBy,
    boolean cacheRequired) {
  private static final Duration STAND_BY = Duration.ofMinutes(3);

  public static final LocalSettings DEFAULT =
      new LocalSettings(
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(4),
          10_000,
          Duration.ofMillis(250));

  /** With start-up caches that starts do without where they do not fit. */
  public LocalSettings(
      Duration startTimeout,
      Duration drainTimeout,
      Duration closeTimeout,
      int maxWaiting,
      Duration tick) {
    this(startTimeout, drainTimeout, closeTimeout, maxWaiting, tick, STAND_BY, false);
  }

  /** The same where a start-up cache that does not fit fails the start, as tests want it. */
  public LocalSettings withCacheRequired(boolean required) {
    return new LocalSettings(
        startTimeout, drainTimeout, closeTimeout, maxWaiting, tick, standBy, required);
  }

  /** The same where the next build is given up sooner or later. */
  LocalSettings withStandBy(Duration limit) {
    return new LocalSettings(
        startTimeout, drainTimeout, closeTimeout, maxWaiting, tick, limit, cacheRequired);
  }
}
