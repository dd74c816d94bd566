package dev.koalja.benchmarks;

import java.util.List;

/**
 * Three numbers for many, which one bad round on a busy machine does not move.
 *
 * @param lower a quarter of the values is not above it
 * @param median half of them
 * @param upper three quarters
 */
public record Quartiles(double lower, double median, double upper) {

  /**
   * Of some values, interpolated between neighbours as spreadsheets do.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Quartiles of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values");
    }
    List<Double> sorted = values.stream().sorted().toList();
    return new Quartiles(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  private static double at(List<Double> sorted, double share) {
    double index = share * (sorted.size() - 1);
    int below = (int) index;
    int above = Math.min(below + 1, sorted.size() - 1);
    return sorted.get(below) + (index - below) * (sorted.get(above) - sorted.get(below));
  }
}
