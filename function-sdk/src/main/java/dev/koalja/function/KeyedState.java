package dev.koalja.function;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Function} remembers of a key, as a parameter of the method: it is given what the
 * last call for the same key left. A change is kept together with the results of the call, and so
 * exactly once; of a call that fails nothing is kept. Calls for one key come one after the other.
 *
 * <pre>{@code
 * @Function @Output("total")
 * int count(@Input("line") Line line, KeyedState<Integer> total) {
 *   total.set(total.get().orElse(0) + line.amount());
 *   return total.get().orElseThrow();
 * }
 * }</pre>
 *
 * <p>The key is what the function correlates by; with {@link Correlate#NONE} there is one state for
 * all. For one call; not safe for many threads.
 *
 * @param <T> a record or class, number, {@code String} or {@code JsonNode}; kept as JSON
 */
public final class KeyedState<T> {
  private @Nullable T value;
  private boolean changed;

  private KeyedState(@Nullable T value) {
    this.value = value;
  }

  /** Of a key that nothing is remembered of. For runtimes and tests. */
  public static <T> KeyedState<T> empty() {
    return new KeyedState<>(null);
  }

  /** Of a key of which {@code value} is remembered. For runtimes and tests. */
  public static <T> KeyedState<T> of(T value) {
    return new KeyedState<>(value);
  }

  /** What is remembered. A change inside it counts only once it is {@link #set}. */
  public Optional<T> get() {
    return Optional.ofNullable(value);
  }

  /** Remembers this in place of what was. */
  public void set(T value) {
    this.value = value;
    changed = true;
  }

  /** Remembers nothing any more. */
  public void clear() {
    changed |= value != null;
    value = null;
  }

  /** Whether there is something to keep, or no longer. For runtimes and tests. */
  public boolean isChanged() {
    return changed;
  }
}
