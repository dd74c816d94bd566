package dev.koalja.benchmarks;

/** Something {@code benchmarks/run} can measure. */
public interface Measurement {
  /** What it is asked for by. */
  String name();

  /** What it measures, in one line. */
  String summary();

  /** How many rounds it takes when nobody says. */
  int defaultRuns();

  /**
   * Measures. Starts what it needs and ends it again.
   *
   * @throws Exception when something does not start or a result is wrong; nothing is reported then
   */
  Report run(Run run) throws Exception;
}
