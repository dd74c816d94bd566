package dev.koalja.pipeline;

import dev.koalja.pipeline.filter.Filter;
import dev.koalja.pipeline.schema.DataSchema;
import java.util.List;
import java.util.Optional;

/**
 * One input of a task: the port at which events of a link arrive.
 *
 * @param name the port; for a function its parameter name
 * @param link the link that is read
 * @param from where to begin on a link never read before
 * @param type the type the task reads, when known
 * @param filters all must pass, or the event does not reach the task
 * @param length how many of its events a snapshot has
 * @param mergeInto the input whose events these are counted among, in the order of arrival
 * @param correlate what makes its events belong to others, where it differs from the task's rule
 * @param schema what the task can read, when known
 */
public record Input(
    PortName name,
    LinkName link,
    StartPosition from,
    Optional<String> type,
    List<Filter> filters,
    Length length,
    Optional<PortName> mergeInto,
    Optional<Correlation> correlate,
    Optional<DataSchema> schema) {

  public Input {
    filters = List.copyOf(filters);
  }

  /** An input of which no schema is known. */
  public Input(
      PortName name,
      LinkName link,
      StartPosition from,
      Optional<String> type,
      List<Filter> filters,
      Length length,
      Optional<PortName> mergeInto,
      Optional<Correlation> correlate) {
    this(name, link, from, type, filters, length, mergeInto, correlate, Optional.empty());
  }

  /** An input that takes every event, one at a time. */
  public Input(PortName name, LinkName link, StartPosition from, Optional<String> type) {
    this(name, link, from, type, List.of(), Length.ONE, Optional.empty(), Optional.empty());
  }

  Input withoutSchema() {
    return new Input(name, link, from, type, filters, length, mergeInto, correlate);
  }

  /**
   * How many events of an input a snapshot has.
   *
   * @param min a snapshot is complete with so many; from 1
   * @param max so many are taken when there are more; at least {@code min}, at most 10,000
   * @param slide how many of them a sliding window lets go; 1 to {@code min}
   */
  public record Length(int min, int max, int slide) {
    public static final int MAX = 10_000;

    /** One event for each invocation. */
    public static final Length ONE = new Length(1, 1, 1);

    public Length {
      if (min < 1 || max < min || max > MAX || slide < 1 || slide > min) {
        throw new IllegalArgumentException(
            "min %d, max %d, slide %d: 1 ≤ slide ≤ min ≤ max ≤ %d".formatted(min, max, slide, MAX));
      }
    }
  }
}
