package dev.koalja.router.admission;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Spares a function that only fails: after so many failures in a row no event is risked but one now
 * and then, until one is served. What waits loses no attempt meanwhile. Times are those of {@link
 * System#nanoTime}. Not thread-safe.
 */
final class CircuitBreaker {
  static final int FAILURES = 20;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final RandomGenerator random;
  private int failures;
  private boolean open;
  private boolean probing;
  private Duration pause = FIRST_PAUSE;
  private long nextProbe;

  CircuitBreaker(RandomGenerator random) {
    this.random = random;
  }

  boolean open() {
    return open;
  }

  /** How many calls failed in a row. */
  int failures() {
    return failures;
  }

  /** How long no call may begin: 0 when one may now, {@link Long#MAX_VALUE} while one is tried. */
  long waitFor(long now) {
    if (!open) {
      return 0;
    }
    return probing ? Long.MAX_VALUE : Math.max(0, nextProbe - now);
  }

  /**
   * A call begins.
   *
   * @return whether it is the one that is tried
   */
  boolean began() {
    probing |= open;
    return open;
  }

  /**
   * The function works.
   *
   * @return whether the circuit was open until now
   */
  boolean served() {
    boolean closes = open;
    failures = 0;
    open = false;
    probing = false;
    pause = FIRST_PAUSE;
    return closes;
  }

  /**
   * A call failed.
   *
   * @param probe whether it was the one that is tried
   */
  void failed(boolean probe, long now) {
    failures++;
    if (probe && open) {
      probing = false;
      pause = pause.multipliedBy(2);
      if (pause.compareTo(LONGEST_PAUSE) > 0) {
        pause = LONGEST_PAUSE;
      }
      waitUntilNextProbe(now);
    } else if (!open && failures >= FAILURES) {
      open = true;
      waitUntilNextProbe(now);
    }
  }

  /** A call ended that says nothing of the function. */
  void nothing(boolean probe) {
    if (probe) {
      probing = false;
    }
  }

  /** With jitter, as many routers may have found out together. */
  private void waitUntilNextProbe(long now) {
    long nanos = pause.toNanos();
    nextProbe = now + nanos - random.nextLong(nanos / 4);
  }
}
