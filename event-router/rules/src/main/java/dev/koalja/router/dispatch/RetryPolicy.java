package dev.koalja.router.dispatch;

import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Delivery;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Whether and when a failed event is attempted again.
 *
 * @param delivery the reader's settings
 * @param random for jitter
 */
public record RetryPolicy(Delivery delivery, RandomGenerator random) {

  /**
   * How long to wait before the next attempt: the backoff, of which up to half is taken off at
   * random so that events that failed together do not come back together; or what the function
   * asked for if that is longer, up to the longest backoff.
   *
   * @param failed attempts made so far, all failed
   * @return empty when no attempt is left
   */
  public Optional<Duration> waitAfter(int failed, Optional<Duration> retryAfter) {
    if (failed >= delivery.attempts()) {
      return Optional.empty();
    }
    Backoff backoff = delivery.backoff();
    long nanos = backoff.after(failed).toNanos();
    Duration jittered = Duration.ofNanos(nanos - random.nextLong(nanos / 2 + 1));
    Duration asked = retryAfter.orElse(Duration.ZERO);
    Duration wait = asked.compareTo(jittered) > 0 ? asked : jittered;
    return Optional.of(wait.compareTo(backoff.max()) > 0 ? backoff.max() : wait);
  }

  /**
   * How long to wait before asking again for an instance of a function that cannot be had. Never
   * gives up: an event does not pay for a platform that is down.
   *
   * @param refused how often in a row, from 1
   */
  public Duration waitForInstance(int refused) {
    long millis = Math.min(30_000, 200L << Math.min(refused - 1, 10));
    return Duration.ofMillis(millis - random.nextLong(millis / 2 + 1));
  }
}
