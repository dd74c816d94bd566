package dev.koalja.function;

import dev.koalja.pipeline.event.TraceParent;
import io.cloudevents.CloudEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a function may know of the call it is in. A parameter of the method, or {@link #current()}
 * anywhere below it on the same thread. Safe for many threads.
 *
 * @param task the task that runs
 * @param invocation the same for every attempt at the same event: use it for idempotency; a batch
 *     may be put together in another way the next time, so use the events' own ids there
 * @param attempt which attempt this is, from 1
 * @param deadline when the caller stops waiting, if it said so
 * @param traceparent the W3C trace context of this attempt, if there is one
 * @param events what is handled, with all attributes: one event; of a batch all; of a snapshot all,
 *     input by input
 * @param objects where large things are kept
 * @param failures where single events of a batch are marked as failed; absent: it is no batch
 */
public record FunctionContext(
    String task,
    String invocation,
    int attempt,
    Optional<Instant> deadline,
    Optional<String> traceparent,
    List<CloudEvent> events,
    ObjectStore objects,
    Optional<BatchFailures> failures) {
  private static final ScopedValue<FunctionContext> CURRENT = ScopedValue.newInstance();

  /** Copies the list. */
  public FunctionContext {
    events = List.copyOf(events);
  }

  /** The context of a call that is handed no batch. */
  public FunctionContext(
      String task,
      String invocation,
      int attempt,
      Optional<Instant> deadline,
      Optional<String> traceparent,
      List<CloudEvent> events,
      ObjectStore objects) {
    this(task, invocation, attempt, deadline, traceparent, events, objects, Optional.empty());
  }

  /** The event that is handled; of a batch or a snapshot the first. */
  public CloudEvent event() {
    return events.getFirst();
  }

  /** The id of the trace that the call is part of, which other parts of it log too. */
  public Optional<String> traceId() {
    return traceparent.flatMap(TraceParent::parse).map(TraceParent::traceId);
  }

  /**
   * Logs as {@code koalja.function.<task>}, each message with the invocation, the attempt and the
   * trace. For this call, on any thread.
   *
   * <pre>{@code
   * context.logger().log(Level.INFO, "{0} costs {1}", order.id(), total);
   * // o-1 costs 19.90 [invocation 01J8…, attempt 1, trace 0af7…]
   * }</pre>
   */
  public System.Logger logger() {
    return new FunctionLogger(this);
  }

  /**
   * Fails one event of a batch, as if it had been alone and {@code cause} thrown: it is tried
   * again, or not when it is a {@link TerminalException}. The others go on. A second cause for the
   * same event changes nothing; when the function throws, all events have failed.
   *
   * @param index which event, from 0, as in the list that was handed over
   * @param cause why
   * @throws IllegalArgumentException when the batch has no such event
   * @throws IllegalStateException when the function was not handed a batch, or has returned
   */
  public void fail(int index, Throwable cause) {
    failures
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "%s is handed no batch, of which one event could fail: throw the cause, or write @Function(batch = 100)"
                        .formatted(task)))
        .add(index, cause);
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
