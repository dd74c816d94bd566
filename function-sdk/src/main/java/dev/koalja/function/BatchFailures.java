package dev.koalja.function;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which events of one batch failed, and why. Functions use {@link FunctionContext#fail}; this is
 * for runtimes and tests. Safe for many threads.
 */
public final class BatchFailures {
  private final int size;
  private final SortedMap<Integer, Throwable> causes = new TreeMap<>();
  private boolean ended;

  /** Of a batch with so many events, none of which has failed. */
  public BatchFailures(int size) {
    this.size = size;
  }

  /**
   * Marks an event as failed, unless it is already.
   *
   * @param index which event, from 0
   * @throws IllegalArgumentException when there is no such event
   * @throws IllegalStateException after the {@link #end}, when nobody would hear of it
   */
  synchronized void add(int index, Throwable cause) {
    Objects.requireNonNull(cause, "cause");
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException(
          "the batch has no event %d, only 0 to %d".formatted(index, size - 1));
    }
    if (ended) {
      throw new IllegalStateException(
          "the call of the batch has ended, so event %d can no longer fail".formatted(index));
    }
    causes.putIfAbsent(index, cause);
  }

  /** The call has ended: what failed, by index. */
  public synchronized SortedMap<Integer, Throwable> end() {
    ended = true;
    return Collections.unmodifiableSortedMap(causes);
  }
}
