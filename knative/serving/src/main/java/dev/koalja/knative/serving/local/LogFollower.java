package dev.koalja.knative.serving.local;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Lines of a log as they come. A reader that is too slow loses the oldest lines and is told how
 * many. One reader at a time; may be closed by any thread.
 */
public final class LogFollower implements AutoCloseable {
  private static final int KEPT = 10_000;

  private final Consumer<LogFollower> onClose;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<String> lines = new ArrayDeque<>();
  private long lost;
  private boolean closed;

  LogFollower(Consumer<LogFollower> onClose) {
    this.onClose = onClose;
  }

  void offer(String line) {
    lock.lock();
    try {
      if (lines.size() == KEPT) {
        lines.removeFirst();
        lost++;
      }
      lines.addLast(line);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The next line, or nothing when none came within {@code limit} or the log was closed. */
  public Optional<String> next(Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lockInterruptibly();
    try {
      while (lines.isEmpty() && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (lost > 0) {
        String note = "… " + lost + " lines left out: read too slowly";
        lost = 0;
        return Optional.of(note);
      }
      return Optional.ofNullable(lines.pollFirst());
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing more will come: the serving or the follower was closed. */
  public boolean ended() {
    lock.lock();
    try {
      return closed && lines.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    onClose.accept(this);
  }
}
