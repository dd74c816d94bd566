package dev.koalja.runtime.invoke;

import dev.koalja.function.BatchFailures;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.KeyedState;
import dev.koalja.function.ObjectStore;
import dev.koalja.function.TerminalException;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.runtime.receive.FunctionRequest;
import dev.koalja.runtime.registry.FunctionDescriptor;
import dev.koalja.runtime.registry.HostedFunction;
import dev.koalja.runtime.result.ResultEncoder;
import io.cloudevents.CloudEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Reads the inputs, calls the function, takes its results. Safe for many threads. */
public final class InvocationRunner {
  private static final Logger LOG = Logger.getLogger(InvocationRunner.class);

  private final ArgumentReader arguments;
  private final ResultEncoder results;
  private final ObjectStore objects;
  private final Scope scope;

  /** What surrounds every call, such as the request context of CDI. */
  @FunctionalInterface
  public interface Scope {
    /** Begins; what is returned is closed when the call has ended. */
    AutoCloseable open();

    /** Nothing. */
    Scope NONE = () -> () -> {};
  }

  /** A runner. */
  public InvocationRunner(
      PayloadCodec codec, ResultEncoder results, ObjectStore objects, Scope scope) {
    this.arguments = new ArgumentReader(codec);
    this.results = results;
    this.objects = objects;
    this.scope = scope;
  }

  /** Runs a function once. Never throws: whatever happens is an outcome. */
  public InvocationOutcome run(HostedFunction function, FunctionRequest request) {
    long begin = System.nanoTime();
    function.counters().begin();
    InvocationOutcome outcome;
    try {
      outcome = outcome(function, request);
    } catch (RuntimeException e) {
      LOG.errorf(e, "%s was not called, which is a bug of the runtime", function.task());
      outcome =
          new InvocationOutcome.Failed(ErrorCode.INTERNAL, "the runtime failed, its log says why");
    }
    function
        .counters()
        .end(
            outcome instanceof InvocationOutcome.Failed failed
                ? Optional.of(failed.code())
                : Optional.empty(),
            Duration.ofNanos(System.nanoTime() - begin));
    return outcome;
  }

  private InvocationOutcome outcome(HostedFunction function, FunctionRequest request) {
    try (Deadline deadline = new Deadline(request.deadline())) {
      InvocationOutcome outcome = call(function, request);
      return deadline.passed() && outcome instanceof InvocationOutcome.Failed
          ? new InvocationOutcome.Failed(
              ErrorCode.FUNCTION_TIMEOUT, "interrupted, as its caller no longer waits")
          : outcome;
    }
  }

  private InvocationOutcome call(HostedFunction function, FunctionRequest request) {
    try {
      @Nullable Object[] inputs = arguments.read(function, request);
      Optional<BatchFailures> failures =
          function.descriptor().takes() == FunctionDescriptor.Takes.BATCH
              ? Optional.of(new BatchFailures(request.events().size()))
              : Optional.empty();
      FunctionContext context =
          new FunctionContext(
              function.task(),
              request.invocation().value(),
              request.attempt(),
              request.deadline(),
              request.traceparent(),
              request.events(),
              objects,
              failures);
      // whatever happens nobody hears of what fails after the call
      try (AutoCloseable _ = () -> failures.ifPresent(BatchFailures::end);
          AutoCloseable _ = scope.open()) {
        List<CloudEvent> events =
            context.call(
                () ->
                    results.encode(
                        function,
                        request,
                        function.invoker().call(function.bean(), inputs, context),
                        inputs[inputs.length - 1] instanceof KeyedState<?> state
                            ? state
                            : KeyedState.empty()));
        if (failures.isPresent()) {
          // not before all results are taken: a stream fails events while it makes them
          SortedMap<Integer, Throwable> causes = failures.get().end();
          if (!request.batch() && !causes.isEmpty()) {
            return failed(
                function,
                function.descriptor().method(),
                request,
                causes.sequencedValues().getFirst());
          }
          addFailures(function, request, causes, events);
        }
        return new InvocationOutcome.Succeeded(events);
      }
    } catch (Throwable e) {
      return failed(function, function.descriptor().method(), request, e);
    }
  }

  /** One result for each event of the batch that the function marked as failed. */
  private void addFailures(
      HostedFunction function,
      FunctionRequest request,
      Map<Integer, Throwable> causes,
      List<CloudEvent> events)
      throws IOException {
    for (Map.Entry<Integer, Throwable> each : causes.entrySet()) {
      int index = each.getKey();
      String what = "%s at event %d".formatted(function.descriptor().method(), index);
      events.add(
          results.failure(
              function,
              request,
              events.size(),
              index,
              failed(function, what, request, each.getValue())));
    }
  }

  private static InvocationOutcome.Failed failed(
      HostedFunction function, String what, FunctionRequest request, Throwable cause) {
    if (cause instanceof TerminalException) {
      LOG.debugf(cause, "%s refused %s", what, request.invocation());
      return new InvocationOutcome.Failed(
          ErrorCode.FUNCTION_REFUSED,
          "TerminalException: " + cause.getMessage(),
          Optional.of(cause));
    }
    if (cause instanceof KoaljaException known) {
      LOG.debugf(cause, "%s of %s", known.code().word(), what);
      return new InvocationOutcome.Failed(
          known.code(), String.valueOf(known.getMessage()), Optional.of(cause));
    }
    if (Violations.mayBe(cause)) {
      Optional<InvocationOutcome.Failed> invalid =
          Violations.of(cause, function.invoker().functions());
      if (invalid.isPresent()) {
        LOG.debugf("%s of %s", invalid.get().detail(), what);
        return invalid.get();
      }
    }
    LOG.errorf(
        cause,
        "%s failed, invocation %s, attempt %d",
        what,
        request.invocation(),
        request.attempt());
    String message = cause.getMessage() == null ? "" : ": " + cause.getMessage();
    return new InvocationOutcome.Failed(
        ErrorCode.FUNCTION_FAILED, cause.getClass().getSimpleName() + message, Optional.of(cause));
  }
}
