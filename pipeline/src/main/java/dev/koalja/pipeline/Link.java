package dev.koalja.pipeline;

import java.time.Duration;
import java.util.Optional;

/**
 * A wire, which is exactly one topic. Outputs and triggers of compatible type may feed it, any
 * number of inputs may read it.
 *
 * @param name unique in its pipeline
 * @param type the type of its events, when declared
 * @param retention how long events are kept; 1 min to 10 years
 * @param partitions 1 to 1000; concurrency comes from keys, so few are enough
 * @param declared whether the pipeline file lists it; else it is only mentioned
 */
public record Link(
    LinkName name, Optional<String> type, Duration retention, int partitions, boolean declared) {
  public static final int MAX_PARTITIONS = 1000;
  public static final int DEFAULT_PARTITIONS = 8;
  public static final Duration DEFAULT_RETENTION = Duration.ofDays(7);
  public static final Duration MIN_RETENTION = Duration.ofMinutes(1);
  public static final Duration MAX_RETENTION = Duration.ofDays(3650);

  /** The link a pipeline gets when it only mentions the name. */
  public static Link implied(LinkName name) {
    return new Link(name, Optional.empty(), DEFAULT_RETENTION, DEFAULT_PARTITIONS, false);
  }
}
