package dev.koalja.knative.serving;

import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.definition.Definition;
import java.time.Duration;
import java.util.List;

/**
 * Runs tasks somewhere and says where: on this machine as processes that start from zero, or on a
 * cluster where Knative does it. Safe for use by any number of threads.
 */
public interface Serving extends AutoCloseable {
  /**
   * Takes over what is in force; called at start and on each change. Starts nothing unless a task
   * asks for {@code scale.min} above 0. Processes whose tasks did not change go on undisturbed.
   */
  void apply(Definition definition);

  /** Forgets a pipeline: its instances finish what is in flight and end. */
  void remove(String pipeline);

  /**
   * Waits until an instance has a free place for a request to {@code task}, starting one if need
   * be. Requests for one task are served in the order in which they came. Cheap when warm; blocks
   * the calling (virtual) thread otherwise.
   *
   * @param limit how long to wait at most; zero asks for a place that is free now
   * @throws InterruptedException when the thread was interrupted; no place is held then
   * @throws UnavailableException when no place could be had; its message says why, for people
   */
  Lease acquire(PipelineName pipeline, Task task, Duration limit)
      throws InterruptedException, UnavailableException;

  /**
   * The wiring of a task is about to change: refuses who waits for a place for it, and who would
   * have to until the next {@link #apply}. Who has a place keeps it. Nothing to do where nobody
   * ever waits.
   */
  default void refuseWaiting(PipelineName pipeline, Task task) {}

  /** Starts an instance for {@code task} if it is at zero. Never blocks, never fails. */
  void prewarm(PipelineName pipeline, Task task);

  /** What runs, ordered by pipeline and app. */
  List<AppStatus> status();

  /**
   * Finishes what is in flight, as far as a few seconds allow: who sends requests stops before.
   * Ends every process; waiters get {@link UnavailableException}.
   */
  @Override
  void close();
}
