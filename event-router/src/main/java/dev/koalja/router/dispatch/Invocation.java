package dev.koalja.router.dispatch;

import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.Serving;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.journal.InvocationRecord.Attempt;
import dev.koalja.pipeline.journal.InvocationRecord.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One event of one reader being processed: its attempts so far, and the next one. Used by one
 * thread at a time; the scheduler hands it over.
 */
public final class Invocation {
  private static final Duration LEASE_LIMIT = Duration.ofSeconds(60);

  private final Delivery delivery;
  private final List<Attempt> attempts = new ArrayList<>();
  private Optional<Duration> coldStart = Optional.empty();
  private Optional<String> instance = Optional.empty();
  private Optional<String> codeRevision = Optional.empty();
  private int refused;

  public Invocation(Delivery delivery) {
    this.delivery = delivery;
  }

  /** What follows an attempt. */
  public sealed interface Next {
    /** The results are to be appended. */
    record AppendResults(InvocationOutcome.Succeeded outcome) implements Next {}

    /** The same again, after a wait; {@code reason} is for people. */
    record Retry(Duration pause, String reason) implements Next {}

    /** No attempt is left, or none would help. */
    record DeadLetter(ErrorCode code, String cause, Optional<Integer> status) implements Next {}
  }

  /**
   * Gets an instance of the function, calls it, and decides what follows.
   *
   * @param complete adds what is known of the key at the time of the attempt
   */
  public Next attempt(
      Serving serving,
      FunctionInvoker invoker,
      RetryPolicy retries,
      InstantSource clock,
      UnaryOperator<Delivery> complete)
      throws InterruptedException {
    if (delivery.reader().task().kind() instanceof TaskKind.Filter) {
      // it was let pass when it was read
      return new Next.AppendResults(
          new InvocationOutcome.Succeeded(List.of(delivery.event()), 200, Optional.empty()));
    }
    Lease lease;
    try {
      lease = serving.acquire(delivery.reader().pipeline(), delivery.reader().task(), LEASE_LIMIT);
    } catch (UnavailableException e) {
      refused++;
      return new Next.Retry(retries.waitForInstance(refused), String.valueOf(e.getMessage()));
    }
    refused = 0;
    InvocationOutcome outcome;
    Instant startedAt = clock.instant();
    long begun = System.nanoTime();
    try (lease) {
      if (attempts.isEmpty()) {
        coldStart = lease.coldStart();
      }
      instance = Optional.of(lease.instance());
      outcome =
          invoker.call(
              new FunctionInvoker.Attempt(
                  lease.endpoint(),
                  delivery.reader().task().name().value(),
                  complete.apply(delivery).event(),
                  delivery.invocation(),
                  attempts.size() + 1,
                  delivery.reader().task().delivery().timeout(),
                  delivery.trace().child(),
                  bundled(lease)));
      if (outcome instanceof InvocationOutcome.Retryable retryable
          && retryable.code() == ErrorCode.FUNCTION_CRASHED) {
        lease.failed();
      }
    }
    return decide(outcome, startedAt, Duration.ofNanos(System.nanoTime() - begun), retries);
  }

  /**
   * An attempt that may have been the neighbour's fault is made again alone, so that an event that
   * ends its process takes no other one with it twice.
   */
  private boolean bundled(Lease lease) {
    return lease.bundles()
        && attempts.isEmpty()
        && delivery.reader().task().delivery().attempts() > 1;
  }

  private Next decide(
      InvocationOutcome outcome, Instant startedAt, Duration took, RetryPolicy retries) {
    int number = attempts.size() + 1;
    return switch (outcome) {
      case InvocationOutcome.Succeeded succeeded -> {
        attempts.add(
            new Attempt(
                number, startedAt, took, Optional.of(succeeded.status()), Optional.empty()));
        codeRevision = succeeded.codeRevision();
        yield new Next.AppendResults(succeeded);
      }
      case InvocationOutcome.Retryable(
              var code,
              var cause,
              var status,
              var revision,
              var after) -> {
        attempts.add(failed(number, startedAt, took, status, code, cause));
        codeRevision = revision.or(() -> codeRevision);
        yield retries
            .waitAfter(number, after)
            .<Next>map(wait -> new Next.Retry(wait, cause))
            .orElseGet(() -> new Next.DeadLetter(code, cause, status));
      }
      case InvocationOutcome.Terminal(var code, var cause, var status, var revision) -> {
        attempts.add(failed(number, startedAt, took, status, code, cause));
        codeRevision = revision.or(() -> codeRevision);
        yield new Next.DeadLetter(code, cause, status);
      }
    };
  }

  /** Counts a failure of ours as an attempt, so that no event can be tried for ever. */
  public Next internalError(Throwable cause, RetryPolicy retries, InstantSource clock) {
    String text = "internal error: " + cause;
    int number = attempts.size() + 1;
    attempts.add(
        failed(number, clock.instant(), Duration.ZERO, Optional.empty(), ErrorCode.INTERNAL, text));
    return retries
        .waitAfter(number, Optional.empty())
        .<Next>map(pause -> new Next.Retry(pause, text))
        .orElseGet(() -> new Next.DeadLetter(ErrorCode.INTERNAL, text, Optional.empty()));
  }

  private static Attempt failed(
      int number,
      Instant startedAt,
      Duration took,
      Optional<Integer> status,
      ErrorCode code,
      String cause) {
    return new Attempt(
        number, startedAt, took, status, Optional.of(new Failure(code.word(), cause)));
  }

  /** The event being processed. */
  public Delivery delivery() {
    return delivery;
  }

  /** Attempts made so far, oldest first. */
  public List<Attempt> attempts() {
    return List.copyOf(attempts);
  }

  /** How long the first attempt waited for a start, when it did. */
  public Optional<Duration> coldStart() {
    return coldStart;
  }

  /** The instance of the last attempt. */
  public Optional<String> instance() {
    return instance;
  }

  /** What the function last said of its code. */
  public Optional<String> codeRevision() {
    return codeRevision;
  }
}
