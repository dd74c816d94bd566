package dev.koalja.router.function;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Decides whose turn it is: items of one key one after the other in the order they came, different
 * keys side by side, first ready first served. Knows nothing of time or threads; not thread-safe.
 *
 * @param <T> what waits
 */
public final class KeyScheduler<T> {
  private final Map<Object, Deque<T>> behind = new HashMap<>();
  private final Deque<Item<T>> ready = new ArrayDeque<>();

  private record Item<T>(Object key, T value) {}

  /** An item came; it is ready at once unless one of its key is before it. */
  public void offer(Object key, T item) {
    Deque<T> waiting = behind.get(key);
    if (waiting == null) {
      behind.put(key, new ArrayDeque<>(0));
      ready.add(new Item<>(key, item));
    } else {
      waiting.add(item);
    }
  }

  /** The next item whose turn it is; its key stays blocked until {@link #finished}. */
  public Optional<T> next() {
    Item<T> item = ready.poll();
    return item == null ? Optional.empty() : Optional.of(item.value());
  }

  /** An item that had its turn has to have it again, before everything of its key. */
  public void again(Object key, T item) {
    ready.add(new Item<>(key, item));
  }

  /** The item of {@code key} that had its turn is done: the next of the key becomes ready. */
  public void finished(Object key) {
    Deque<T> waiting = behind.get(key);
    if (waiting == null) {
      return;
    }
    T next = waiting.poll();
    if (next == null) {
      behind.remove(key);
    } else {
      ready.add(new Item<>(key, next));
    }
  }

  /** Whether an item could have its turn now. */
  boolean hasReady() {
    return !ready.isEmpty();
  }
}
