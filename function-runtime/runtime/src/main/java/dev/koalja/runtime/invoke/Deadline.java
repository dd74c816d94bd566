package dev.koalja.runtime.invoke;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts the thread of a call when its caller has stopped waiting, so that a function that
 * hangs does not hang for ever. A deadline that is past when the call comes shows that the clocks
 * differ, and is left alone.
 */
final class Deadline implements AutoCloseable {
  private final Thread thread = Thread.currentThread();
  private final @Nullable ScheduledFuture<?> alarm;
  private boolean running = true;
  private boolean passed;

  Deadline(Optional<Instant> deadline) {
    Duration left = deadline.map(at -> Duration.between(Instant.now(), at)).orElse(Duration.ZERO);
    alarm =
        left.isPositive()
            ? ForkJoinPool.commonPool()
                .schedule(this::pass, left.toMillis() + 1, TimeUnit.MILLISECONDS)
            : null;
  }

  private synchronized void pass() {
    if (running) {
      passed = true;
      thread.interrupt();
    }
  }

  /** Whether the call was interrupted. */
  synchronized boolean passed() {
    return passed;
  }

  /** The call has ended: nothing is interrupted any more, and no interrupt is left behind. */
  @Override
  public void close() {
    synchronized (this) {
      running = false;
    }
    if (alarm != null) {
      alarm.cancel(false);
    }
    Thread.interrupted();
  }
}
