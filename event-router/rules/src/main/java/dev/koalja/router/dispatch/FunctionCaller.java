package dev.koalja.router.dispatch;

import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.TraceParent;
import io.cloudevents.CloudEvent;
import java.net.URI;
import java.time.Duration;

/** Calls functions, wherever they are. */
@FunctionalInterface
public interface FunctionCaller {
  /** Makes the attempt; never throws for what the function does. */
  InvocationOutcome call(Attempt attempt) throws InterruptedException;

  /**
   * One attempt to be made.
   *
   * @param endpoint where
   * @param task which task
   * @param event with what
   * @param invocation stable over attempts
   * @param number from 1
   * @param timeout how long to wait for the whole answer
   * @param trace the attempt's span
   * @param bundled whether it may go together with others
   */
  record Attempt(
      URI endpoint,
      String task,
      CloudEvent event,
      InvocationId invocation,
      int number,
      Duration timeout,
      TraceParent trace,
      boolean bundled) {}
}
