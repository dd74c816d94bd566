package dev.koalja.pipeline;

import java.time.Duration;

/**
 * How long to wait before another attempt.
 *
 * @param policy {@code exponential}: delay × 2^(n−1) before attempt n+1; {@code linear}: delay × n
 * @param delay the first wait; 1 ms to 1 h
 * @param max the longest wait; {@code delay} to 24 h
 */
public record Backoff(Policy policy, Duration delay, Duration max) {
  /** How waits grow, as Knative's {@code backoffPolicy}. */
  public enum Policy {
    LINEAR,
    EXPONENTIAL
  }

  public static final Duration MIN_DELAY = Duration.ofMillis(1);
  public static final Duration MAX_DELAY = Duration.ofHours(1);
  public static final Duration MAX_MAX = Duration.ofHours(24);

  /** Exponential from one second to five minutes. */
  public static final Backoff DEFAULT =
      new Backoff(Policy.EXPONENTIAL, Duration.ofSeconds(1), Duration.ofMinutes(5));

  /**
   * The wait after {@code failed} failed attempts, without jitter.
   *
   * @param failed 1 or more
   * @return never longer than {@code max}
   */
  public Duration after(int failed) {
    Duration wait =
        switch (policy) {
          case LINEAR -> delay.multipliedBy(failed);
          case EXPONENTIAL -> failed > 40 ? max : delay.multipliedBy(1L << (failed - 1));
        };
    return wait.compareTo(max) > 0 ? max : wait;
  }
}
