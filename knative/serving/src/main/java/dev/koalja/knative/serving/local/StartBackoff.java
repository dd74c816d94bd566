package dev.koalja.knative.serving.local;

import java.time.Duration;

/**
 * How long to wait before the next try to start, after starts that failed: nothing after a first
 * crash, then doubling up to a cap. An instance that started after the last failure and lived long
 * enough, or until nobody needed it, ends the row of failures. No clock of its own; not safe for
 * several threads.
 */
final class StartBackoff {
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration CAP = Duration.ofSeconds(30);

  /** After a crash the wait stays short: other functions of the app are healthy and share it. */
  private static final Duration CRASH_CAP = Duration.ofSeconds(4);

  /** An instance that lived this long after it was ready was a good start. */
  static final Duration GOOD = Duration.ofSeconds(10);

  private int failures;
  private long lastFailure;
  private long notBefore;
  private boolean waiting;

  /** A start failed. */
  void startFailed(long now) {
    failed(now);
    waiting = true;
    notBefore = now + delay(failures - 1, CAP).toNanos();
  }

  /** A process that was ready ended without being asked to. */
  void crashed(long now, Duration lived) {
    if (lived.compareTo(GOOD) >= 0) {
      reset();
      return;
    }
    failed(now);
    waiting = failures > 1;
    notBefore = now + (waiting ? delay(failures - 2, CRASH_CAP).toNanos() : 0);
  }

  private void failed(long now) {
    failures++;
    lastFailure = now;
  }

  /** A process that is ready since {@code readyAt} still lives. */
  void alive(long now, long readyAt) {
    if (now - readyAt >= GOOD.toNanos()) {
      endedWell(readyAt);
    }
  }

  /**
   * A process that became ready at {@code readyAt} ended because it was asked to. One that is older
   * than the last failure says nothing of how starts go now.
   */
  void endedWell(long readyAt) {
    if (failures > 0 && readyAt - lastFailure > 0) {
      reset();
    }
  }

  /** Forgets the failures, as for a new build. */
  void reset() {
    failures = 0;
    waiting = false;
  }

  /** How long to wait from {@code now}; zero when a start may be tried. */
  Duration remaining(long now) {
    return waiting && notBefore - now > 0 ? Duration.ofNanos(notBefore - now) : Duration.ZERO;
  }

  private static Duration delay(int doublings, Duration cap) {
    Duration delay = FIRST.multipliedBy(1L << Math.min(doublings, 20));
    return delay.compareTo(cap) < 0 ? delay : cap;
  }
}
