package dev.koalja.test;

import java.util.List;
import java.util.Map;

/**
 * What one call made.
 *
 * @param all every result, in order
 * @param failures of a batch the events that failed: why, by index
 */
public record Results(List<Result> all, Map<Integer, Failure> failures) {
  /** Copies both. */
  public Results {
    all = List.copyOf(all);
    failures = Map.copyOf(failures);
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
