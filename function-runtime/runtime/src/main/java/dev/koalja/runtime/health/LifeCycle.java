package dev.koalja.runtime.health;

import java.time.Duration;

/**
 * The states of a function process and what is in flight in it. Only forwards: starting, ready,
 * draining. Safe for many threads.
 */
public final class LifeCycle {
  /** Where the process is in its life. */
  public enum State {
    STARTING,
    READY,
    DRAINING
  }

  private State state = State.STARTING;
  private int inFlight;

  /** The process takes requests from now on. */
  public synchronized void ready() {
    if (state == State.STARTING) {
      state = State.READY;
    }
  }

  /** Where the process is. */
  public synchronized State state() {
    return state;
  }

  /**
   * Begins an invocation.
   *
   * @return whether there may be one; if so, {@link #end} must follow
   */
  public synchronized boolean begin() {
    if (state != State.READY) {
      return false;
    }
    inFlight++;
    return true;
  }

  /** Ends an invocation whose answer is on its way. */
  public synchronized void end() {
    inFlight--;
    notifyAll();
  }

  /**
   * Takes no more invocations and waits for those in flight.
   *
   * @param limit how long at most
   * @return how many were still in flight then
   */
  public synchronized int drain(Duration limit) {
    state = State.DRAINING;
    long end = System.nanoTime() + limit.toNanos();
    try {
      for (long left = limit.toNanos(); inFlight > 0 && left > 0; left = end - System.nanoTime()) {
        wait(Math.max(1, left / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return inFlight;
  }
}
