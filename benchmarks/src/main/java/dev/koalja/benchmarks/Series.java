package dev.koalja.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One quantity of one subject, a value per round.
 *
 * @param subject what was measured
 * @param metric which quantity
 * @param unit of the values
 * @param values in the order of the rounds
 * @param quartiles of the values
 * @param ratios value divided by the reference's value of the same round: rounds share the
 *     machine's mood, so this is what to compare; empty for the reference itself
 */
public record Series(
    String subject,
    String metric,
    String unit,
    List<Double> values,
    Quartiles quartiles,
    Optional<Quartiles> ratios) {

  /** The series everything else is compared with. */
  public static Series reference(String subject, String metric, String unit, List<Double> values) {
    return new Series(
        subject, metric, unit, List.copyOf(values), Quartiles.of(values), Optional.empty());
  }

  /** A series compared with {@code reference} round by round. */
  public static Series compared(String subject, Series reference, List<Double> values) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < values.size(); round++) {
      ratios.add(values.get(round) / reference.values().get(round));
    }
    return new Series(
        subject,
        reference.metric(),
        reference.unit(),
        List.copyOf(values),
        Quartiles.of(values),
        Optional.of(Quartiles.of(ratios)));
  }
}
