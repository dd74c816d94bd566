package dev.koalja.benchmarks;

import java.time.Instant;
import java.util.List;

/**
 * What a measurement found.
 *
 * @param measurement its name
 * @param time when it ended
 * @param rounds how many values each series has
 * @param machine where
 * @param series the values; subjects in the order they are shown, the reference first
 * @param aims what the design promises
 * @param notes what one has to know to read it
 */
public record Report(
    String measurement,
    Instant time,
    int rounds,
    Machine machine,
    List<Series> series,
    List<Aim> aims,
    List<String> notes) {
  public Report {
    series = List.copyOf(series);
    aims = List.copyOf(aims);
    notes = List.copyOf(notes);
  }
}
