package dev.koalja.router.function;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Puts what is ready together for one call: of one partition, in the order it became ready. A batch
 * goes when it is full or its first item has lingered; partitions take turns. Knows no clock: times
 * are those of {@link System#nanoTime}. Not thread-safe.
 *
 * @param <T> what is ready
 */
public final class Batches<T> {
  private final int most;
  private final long linger;
  private final ToLongFunction<T> size;
  private final Map<Object, Deque<Item<T>>> partitions = new LinkedHashMap<>();

  /**
   * @param most how many go together with it
   */
  private record Item<T>(T value, int most, long readyAt) {}

  /**
   * @param most items of a batch
   * @param linger how long the first waits for others
   * @param size bytes of an item
   */
  public Batches(int most, Duration linger, ToLongFunction<T> size) {
    this.most = most;
    this.size = size;
    this.linger = linger.toNanos();
  }

  /**
   * An item is ready.
   *
   * @param together how many may go in one batch with it, itself included; less than a batch holds
   *     after it failed in a larger one
   */
  public void add(Object partition, T item, int together, long now) {
    partitions
        .computeIfAbsent(partition, _ -> new ArrayDeque<>())
        .add(new Item<>(item, Math.min(together, most), now));
  }

  /** The first item of the batch that goes next; empty when none does now. */
  public Optional<T> first(long now) {
    return next(now).map(each -> each.getValue().element().value());
  }

  /**
   * How long until a batch goes without another item.
   *
   * @return nanoseconds; {@link Long#MAX_VALUE} when nothing is here
   */
  public long waitFor(long now) {
    long wait = Long.MAX_VALUE;
    for (Deque<Item<T>> items : partitions.values()) {
      wait = Math.min(wait, full(items) ? 0 : items.element().readyAt() + linger - now);
    }
    return Math.max(0, wait);
  }

  /**
   * Takes items out wherever they stand.
   *
   * @return them, in their order
   */
  public List<T> removeIf(Predicate<T> which) {
    List<T> removed = new ArrayList<>();
    for (Deque<Item<T>> items : partitions.values()) {
      items.removeIf(
          item -> {
            boolean goes = which.test(item.value());
            if (goes) {
              removed.add(item.value());
            }
            return goes;
          });
    }
    partitions.values().removeIf(Deque::isEmpty);
    return removed;
  }

  private Optional<Map.Entry<Object, Deque<Item<T>>>> next(long now) {
    for (Map.Entry<Object, Deque<Item<T>>> each : partitions.entrySet()) {
      if (full(each.getValue()) || now - each.getValue().element().readyAt() >= linger) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** What failed in a larger batch has waited long enough. */
  private boolean full(Deque<Item<T>> items) {
    return items.element().most() < most || items.size() >= most;
  }

  /**
   * Takes the batch that goes next; empty when none does now.
   *
   * @param room items at most
   * @param bytes of all items at most; a single one always goes
   */
  public List<T> take(int room, long bytes, long now) {
    Map.Entry<Object, Deque<Item<T>>> next = next(now).orElse(null);
    if (next == null) {
      return List.of();
    }
    Object partition = next.getKey();
    Deque<Item<T>> items = next.getValue();
    partitions.remove(partition);
    List<T> batch = new ArrayList<>();
    int together = room;
    long left = bytes;
    while (!items.isEmpty()) {
      together = Math.min(together, items.element().most());
      left -= size.applyAsLong(items.element().value());
      if (!batch.isEmpty() && (batch.size() >= together || left < 0)) {
        break;
      }
      batch.add(items.remove().value());
    }
    if (!items.isEmpty()) {
      partitions.put(partition, items); // behind all others
    }
    return batch;
  }
}
