package dev.koalja.benchmarks.isolation;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** How a function is called that answers again. */
final class Recovery {
  private Recovery() {}

  /**
   * A call that was answered.
   *
   * @param sideBySide calls in the process when it began, itself included
   * @param begin when that was, in milliseconds
   */
  record Call(int sideBySide, long begin) {}

  /** When the first of the calls began. */
  static long first(Collection<Call> calls) {
    return calls.stream().mapToLong(Call::begin).min().orElseThrow();
  }

  /**
   * How much more calls there were side by side than a router makes that begins with one and adds
   * one with each answer; the highest among the first calls. With {@code s} calls side by side when
   * the {@code n}-th began, {@code n - s} were answered, so {@code s} is at most {@code 1 + n - s}:
   * the crowd is 1 at most. All at once it would be nearly 2.
   */
  static double crowd(Collection<Call> calls, int first) {
    List<Call> inOrder =
        calls.stream()
            .sorted(Comparator.comparingLong(Call::begin).thenComparingInt(Call::sideBySide))
            .limit(first)
            .toList();
    double crowd = 0;
    for (int index = 0; index < inOrder.size(); index++) {
      crowd = Math.max(crowd, inOrder.get(index).sideBySide() / ((index + 2) / 2.0));
    }
    return crowd;
  }
}
