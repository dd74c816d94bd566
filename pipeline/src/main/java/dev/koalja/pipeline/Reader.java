package dev.koalja.pipeline;

import dev.koalja.pipeline.event.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What reads one topic for a task, with a consumer group, a position and dead letters of its own.
 * An input of a task that takes events one by one is one reader. A task that joins or collects has
 * three stages of them:
 *
 * <pre>
 *  link ─▶ INTAKE, per input ─▶ arrivals ─▶ ASSEMBLY ─▶ snapshots ─▶ SNAPSHOT ─▶ function
 * </pre>
 *
 * @param pipeline the pipeline it belongs to
 * @param task the task it feeds
 * @param input the input it feeds; behind the intake {@link #ARRIVALS} or {@link #SNAPSHOT}, with
 *     the link of the first input
 */
public record Reader(PipelineName pipeline, Task task, Input input) {
  /** The port of the stage that puts arrivals together. No input of a joining task has its name. */
  public static final PortName ARRIVALS = new PortName("arrivals");

  /** The port of the stage that hands snapshots over. No input of a joining task has its name. */
  public static final PortName SNAPSHOT = new PortName("snapshot");

  /** The port at which a function is given the state of a key, and gives it back. */
  public static final PortName STATE = new PortName("koalja-state");

  /** The part a reader plays for its task. */
  public enum Stage {
    /** Takes events of a link to the function. */
    INPUT,
    /** Takes events of a link to the task's arrivals. */
    INTAKE,
    /** Puts arrivals together to snapshots. */
    ASSEMBLY,
    /** Takes snapshots to the function. */
    SNAPSHOT
  }

  static List<Reader> of(PipelineName pipeline, Task task) {
    List<Reader> readers = new ArrayList<>();
    task.inputs().forEach(input -> readers.add(new Reader(pipeline, task, input)));
    if (task.snapshot().isPresent() && !task.inputs().isEmpty()) {
      LinkName first = task.inputs().getFirst().link();
      for (PortName port : List.of(ARRIVALS, SNAPSHOT)) {
        readers.add(
            new Reader(
                pipeline,
                task,
                new Input(port, first, new StartPosition.Earliest(), Optional.empty())));
      }
    }
    return readers;
  }

  /** Of what names it: readers are looked up for every event, and a task has many parts. */
  @Override
  public int hashCode() {
    return Objects.hash(pipeline, task.name(), input.name());
  }

  /** The part it plays. */
  public Stage stage() {
    if (task.snapshot().isEmpty()) {
      return Stage.INPUT;
    }
    if (input.name().equals(ARRIVALS)) {
      return Stage.ASSEMBLY;
    }
    return input.name().equals(SNAPSHOT) ? Stage.SNAPSHOT : Stage.INTAKE;
  }

  /** Whether it reads a link, and not a topic of its task. */
  public boolean readsLink() {
    return stage() == Stage.INPUT || stage() == Stage.INTAKE;
  }

  /** The topic it reads. */
  public String topic() {
    return switch (stage()) {
      case INPUT, INTAKE -> TopicName.link(pipeline, input.link());
      case ASSEMBLY -> TopicName.arrivals(pipeline, task.name());
      case SNAPSHOT -> TopicName.snapshots(pipeline, task.name());
    };
  }

  /** {@code pipeline/task/input}, for people and logs. */
  @Override
  public String toString() {
    return pipeline + "/" + task.name() + "/" + input.name();
  }
}
