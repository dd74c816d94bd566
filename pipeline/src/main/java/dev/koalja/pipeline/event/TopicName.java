package dev.koalja.pipeline.event;

import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.TaskName;
import java.util.Optional;

/**
 * Names of Kafka topics and consumer groups. Topics of links are {@code koalja.<pipeline>.<link>};
 * everything internal begins with {@code koalja-}, so that no link can be called like it.
 */
public final class TopicName {
  /** The compacted topic on which all pipelines travel. */
  public static final String DEFINITION = "koalja-definition";

  private static final String JOURNAL_PREFIX = "koalja-journal.";

  /** Matches the journal topics of all pipelines. */
  public static final String JOURNAL_PATTERN = "koalja-journal\\..*";

  private TopicName() {}

  /** The topic of a link. */
  public static String link(PipelineName pipeline, LinkName link) {
    return "koalja." + pipeline + "." + link;
  }

  /** The link a topic carries, or empty for a topic that is no link. */
  public static Optional<String> linkOf(String topic) {
    String[] parts = topic.split("\\.", -1);
    return parts.length == 3 && parts[0].equals("koalja")
        ? Optional.of(parts[2])
        : Optional.empty();
  }

  /** The journal of a pipeline. */
  public static String journal(PipelineName pipeline) {
    return JOURNAL_PREFIX + pipeline;
  }

  /** Where events of a reader go after their last attempt. */
  public static String deadLetter(Reader reader) {
    return "koalja-dead." + of(reader);
  }

  /** Where dead letters come back to their reader, and only to it. */
  public static String retry(Reader reader) {
    // a topic of the task has no other reader
    return reader.readsLink() ? "koalja-retry." + of(reader) : reader.topic();
  }

  /** Where events wait long for another attempt, those of all readers of a pipeline; compacted. */
  public static String parked(PipelineName pipeline) {
    return "koalja-parked." + pipeline;
  }

  /** Where records go that no event could be read from. */
  public static String quarantine(Reader reader) {
    return "koalja-quarantine." + of(reader);
  }

  /** The consumer group of a reader. */
  public static String group(Reader reader) {
    return "koalja." + of(reader);
  }

  /** Where the events of all inputs of a joining task are put in order, once and for ever. */
  public static String arrivals(PipelineName pipeline, TaskName task) {
    return "koalja-arrivals." + pipeline + "." + task;
  }

  /** What waits to become a snapshot of a task; compacted. */
  public static String state(PipelineName pipeline, TaskName task) {
    return "koalja-state." + pipeline + "." + task;
  }

  /** What a task remembers of each key; compacted. */
  public static String keyedState(PipelineName pipeline, TaskName task) {
    return "koalja-keyed." + pipeline + "." + task;
  }

  /** The snapshots of a task, each one event. */
  public static String snapshots(PipelineName pipeline, TaskName task) {
    return "koalja-snapshots." + pipeline + "." + task;
  }

  private static String of(Reader reader) {
    return reader.pipeline() + "." + reader.task().name() + "." + reader.input().name();
  }
}
