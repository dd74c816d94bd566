package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.UnavailableException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A request that waits for a place. Its outcome is set once, under the lock of the group, and only
 * then is the thread woken; the thread looks at the outcome before it parks, so that no wake-up can
 * be lost.
 */
final class Waiter {
  /** How a wait ended. */
  sealed interface Outcome {
    /** A place is held. */
    record Granted(LocalLease lease) implements Outcome {}

    /** No place can be had. */
    record Refused(UnavailableException reason) implements Outcome {}
  }

  private final Lane lane;
  private final Thread thread = Thread.currentThread();
  private final long since;
  private volatile @Nullable Outcome outcome;

  Waiter(Lane lane, long since) {
    this.lane = lane;
    this.since = since;
  }

  Lane lane() {
    return lane;
  }

  /** When it began to wait, in monotonic nanoseconds. */
  long since() {
    return since;
  }

  @Nullable Outcome outcome() {
    return outcome;
  }

  void grant(LocalLease lease) {
    outcome = new Outcome.Granted(lease);
    LockSupport.unpark(thread);
  }

  void fail(UnavailableException reason) {
    outcome = new Outcome.Refused(reason);
    LockSupport.unpark(thread);
  }
}
