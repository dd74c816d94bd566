package dev.koalja.function.testing;

import java.util.List;

/**
 * What one call made.
 *
 * @param all every result, in order
 */
public record Results(List<Result> all) {
  /** Copies the list. */
  public Results {
    all = List.copyOf(all);
  }

  /**
   * The one result.
   *
   * @throws AssertionError when there is none, or there are several
   */
  public Result only() {
    if (all.size() != 1) {
      throw new AssertionError("expected one result, got " + all.size() + ": " + all);
    }
    return all.getFirst();
  }

  /** The results that go to a link, in order. */
  public List<Result> on(String link) {
    return all.stream().filter(result -> result.link().equals(link)).toList();
  }

  /** Whether nothing was made. */
  public boolean isEmpty() {
    return all.isEmpty();
  }
}
