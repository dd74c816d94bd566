package dev.koalja.pipeline;

/**
 * One input of one task on one link: what has a consumer group, a position and dead letters.
 *
 * @param pipeline the pipeline it belongs to
 * @param task the task it feeds
 * @param input the input it feeds
 */
public record Reader(PipelineName pipeline, Task task, Input input) {
  /** {@code pipeline/task/input}, for people and logs. */
  @Override
  public String toString() {
    return pipeline + "/" + task.name() + "/" + input.name();
  }
}
