package dev.koalja.knative.serving.local;

import java.time.Duration;

/**
 * Limits of the local serving.
 *
 * @param startTimeout how long a process may take until it is ready
 * @param drainTimeout how long a process may take to finish what is in flight and end
 * @param maxWaiting requests for one task that may wait at the same time
 * @param tick how often scaling is decided
 */
public record LocalSettings(
    Duration startTimeout, Duration drainTimeout, int maxWaiting, Duration tick) {
  public static final LocalSettings DEFAULT =
      new LocalSettings(
          Duration.ofSeconds(30), Duration.ofSeconds(30), 10_000, Duration.ofMillis(250));
}
