package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.TaskName;
import java.time.Duration;
import java.util.LinkedHashSet;

/**
 * The requests of one task in a group: those that run, counted, and those that wait, in the order
 * in which they came. A lane of its own for each task, so that a slow function cannot take the
 * places of another that shares its process. Guarded by the lock of its group.
 */
final class Lane {
  private final TaskName task;
  private final int index;
  private final LinkedHashSet<Waiter> waiters = new LinkedHashSet<>();
  private int concurrency;
  private boolean open = true;
  private Duration idle;
  private int inFlight;
  private ConcurrencyAutoscaler autoscaler;
  private double loadNanos;
  private long since;
  private long sampledAt;

  Lane(TaskName task, int index, int concurrency, Duration idle, long now) {
    this.task = task;
    this.index = index;
    this.concurrency = concurrency;
    this.idle = idle;
    this.since = now;
    this.sampledAt = now;
    this.autoscaler = autoscaler(concurrency, idle);
  }

  private static ConcurrencyAutoscaler autoscaler(int concurrency, Duration idle) {
    return new ConcurrencyAutoscaler(ConcurrencyAutoscaler.Settings.knative(concurrency, idle));
  }

  /** Whether one may wait for a place. */
  boolean open() {
    return open;
  }

  /** Nobody may wait until it is changed. */
  void close() {
    open = false;
  }

  void change(int newConcurrency, Duration newIdle) {
    open = true;
    if (newConcurrency != concurrency || !newIdle.equals(idle)) {
      concurrency = newConcurrency;
      idle = newIdle;
      autoscaler = autoscaler(newConcurrency, newIdle);
    }
  }

  TaskName task() {
    return task;
  }

  /** The place of this lane in the counters of instances; never used again for another lane. */
  int index() {
    return index;
  }

  int concurrency() {
    return concurrency;
  }

  int inFlight() {
    return inFlight;
  }

  int waiting() {
    return waiters.size();
  }

  void enqueue(Waiter waiter, long now) {
    integrate(now);
    waiters.addLast(waiter);
  }

  Waiter first() {
    return waiters.getFirst();
  }

  void dequeue(Waiter waiter, long now) {
    integrate(now);
    waiters.remove(waiter);
  }

  void begin(long now) {
    integrate(now);
    inFlight++;
  }

  void end(long now) {
    integrate(now);
    inFlight--;
  }

  void failAll(UnavailableException reason, long now) {
    integrate(now);
    for (Waiter waiter : waiters) {
      waiter.fail(reason);
    }
    waiters.clear();
  }

  private void integrate(long now) {
    loadNanos += (double) (inFlight + waiters.size()) * (now - since);
    since = now;
  }

  /** How many instances the load of this lane asks for. */
  int desired(long now, int ready, int min, int max) {
    integrate(now);
    if (now > sampledAt) {
      autoscaler.record(sampledAt, now, loadNanos / (now - sampledAt));
      sampledAt = now;
      loadNanos = 0;
    }
    return autoscaler.decide(now, ready, min, max).desired();
  }

  /** Begins anew after a time without instances. */
  void rest(long now) {
    autoscaler.reset();
    sampledAt = now;
    since = now;
    loadNanos = 0;
  }
}
