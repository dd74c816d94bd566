package dev.koalja.function;

import io.cloudevents.CloudEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a function may know of the call it is in. A parameter of the method, or {@link #current()}
 * anywhere below it on the same thread. Immutable.
 *
 * @param task the task that runs
 * @param invocation the same for every attempt at the same event: use it for idempotency
 * @param attempt which attempt this is, from 1
 * @param deadline when the caller stops waiting, if it said so
 * @param traceparent the W3C trace context of this attempt, if there is one
 * @param events what is handled, with all attributes: one event; of a snapshot all, input by input
 * @param objects where large things are kept
 */
public record FunctionContext(
    String task,
    String invocation,
    int attempt,
    Optional<Instant> deadline,
    Optional<String> traceparent,
    List<CloudEvent> events,
    ObjectStore objects) {
  private static final ScopedValue<FunctionContext> CURRENT = ScopedValue.newInstance();

  /** Copies the list. */
  public FunctionContext {
    events = List.copyOf(events);
  }

  /** The event that is handled; of a snapshot the first. */
  public CloudEvent event() {
    return events.getFirst();
  }

  /**
   * The context of the call this thread is in.
   *
   * @throws IllegalStateException outside a function
   */
  public static FunctionContext current() {
    return CURRENT.orElseThrow(
        () ->
            new IllegalStateException(
                "no function is running on this thread: take FunctionContext as a parameter and"
                    + " hand it to threads of your own"));
  }

  /** Calls {@code function} with this context as {@link #current()}. For runtimes and tests. */
  public <T, X extends Throwable> T call(ScopedValue.CallableOp<T, X> function) throws X {
    return ScopedValue.where(CURRENT, this).call(function);
  }
}
