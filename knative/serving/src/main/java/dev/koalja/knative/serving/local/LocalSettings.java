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
 */
public record LocalSettings(
    Duration startTimeout,
    Duration drainTimeout,
    Duration closeTimeout,
    int maxWaiting,
    Duration tick) {
  public static final LocalSettings DEFAULT =
      new LocalSettings(
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(4),
          10_000,
          Duration.ofMillis(250));
}
