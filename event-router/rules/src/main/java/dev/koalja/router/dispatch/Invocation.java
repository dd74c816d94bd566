package dev.koalja.router.dispatch;

import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.Serving;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.journal.InvocationRecord.Attempt;
import dev.koalja.pipeline.journal.InvocationRecord.Failure;
import dev.koalja.router.admission.Effort;
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
  static final Duration LEASE_LIMIT = Duration.ofSeconds(60);
  private static final Duration LEAST_TIMEOUT = Duration.ofMillis(1);

  private final Delivery delivery;
  private final List<Attempt> attempts = new ArrayList<>();
  private Optional<Duration> coldStart = Optional.empty();
  private Optional<String> instance = Optional.empty();
  private Optional<String> codeRevision = Optional.empty();
  private int refused;
  private Effort effort = Effort.NOTHING;

  public Invocation(Delivery delivery) {
    this.delivery = delivery;
  }

  /** One that goes on where another router left it. */
  public Invocation(
      Delivery delivery,
      List<Attempt> attempts,
      Optional<Duration> coldStart,
      Optional<String> codeRevision) {
    this.delivery = delivery;
    this.attempts.addAll(attempts);
    this.coldStart = coldStart;
    this.codeRevision = codeRevision;
  }

  /** What follows an attempt. */
  public sealed interface Next {
    /** The results are to be appended. */
    record AppendResults(InvocationOutcome.Succeeded outcome) implements Next {}

    /** The same again, after a wait; {@code reason} is for people. */
    record Retry(Duration pause, String reason) implements Next {}

    /** No attempt is left, or none would help. */
    record DeadLetter(ErrorCode code, String cause, Optional<Integer> status) implements Next {}

    /** The event is of no use any more. */
    record Expire(String cause) implements Next {}
  }

  /**
   * Gets an instance of the function, calls it, and decides what follows.
   *
   * @param complete adds what is known of the key at the time of the attempt
   */
  public Next attempt(
      Serving serving,
      FunctionCaller invoker,
      RetryPolicy retries,
      InstantSource clock,
      UnaryOperator<Delivery> complete)
      throws InterruptedException {
    effort = Effort.NOTHING;
    Instant now = clock.instant();
    Optional<Next> over = over(now);
    if (over.isPresent()) {
      return over.get();
    }
    if (delivery.reader().task().kind() instanceof TaskKind.Filter) {
      // it was let pass when it was read
      return new Next.AppendResults(
          new InvocationOutcome.Succeeded(List.of(delivery.event()), 200, Optional.empty()));
    }
    Lease lease;
    try {
      lease = serving.acquire(delivery.reader().pipeline(), delivery.reader().task(), LEASE_LIMIT);
    } catch (UnavailableException e) {
      effort = Effort.OVERLOADED;
      return unavailable(e, retries);
    }
    InvocationOutcome outcome;
    Instant startedAt = clock.instant();
    long begun = System.nanoTime();
    try (lease) {
      uses(lease);
      outcome =
          invoker.call(
              new FunctionCaller.Attempt(
                  lease.endpoint(),
                  delivery.reader().task().name().value(),
                  complete.apply(delivery).event(),
                  delivery.invocation(),
                  attempts.size() + 1,
                  timeout(startedAt),
                  delivery.trace().child(),
                  bundled(lease)));
      if (outcome instanceof InvocationOutcome.Retryable retryable
          && retryable.code() == ErrorCode.FUNCTION_CRASHED) {
        lease.failed();
      }
    }
    effort = effort(outcome);
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    return decideInTime(outcome, startedAt, took, retries, clock);
  }

  /** No instance can be had, which is no attempt. */
  Next unavailable(UnavailableException cause, RetryPolicy retries) {
    refused++;
    return new Next.Retry(retries.waitForInstance(refused), String.valueOf(cause.getMessage()));
  }

  /** An instance is there. */
  void uses(Lease lease) {
    refused = 0;
    if (attempts.isEmpty()) {
      coldStart = lease.coldStart();
    }
    instance = Optional.of(lease.instance());
  }

  /** What follows an attempt, where a retry for which no time is left is none. */
  Next decideInTime(
      InvocationOutcome outcome,
      Instant startedAt,
      Duration took,
      RetryPolicy retries,
      InstantSource clock) {
    Next next = decide(outcome, startedAt, took, retries);
    return next instanceof Next.Retry retry ? inTime(retry, outcome, clock.instant()) : next;
  }

  /** What becomes of it without an attempt: its time is over. */
  Optional<Next> over(Instant now) {
    Optional<Instant> expires = delivery.expires().filter(time -> !now.isBefore(time));
    if (expires.isPresent()) {
      return Optional.of(new Next.Expire("expirytime was " + expires.get()));
    }
    return delivery
        .deadline()
        .filter(time -> !now.isBefore(time))
        .map(
            time ->
                new Next.DeadLetter(
                    ErrorCode.DEADLINE_EXCEEDED,
                    "its time was over at %s, after %d attempts".formatted(time, attempts.size()),
                    Optional.empty()));
  }

  private Next inTime(Next.Retry retry, InvocationOutcome outcome, Instant now) {
    return delivery
        .deadline()
        .filter(time -> !now.plus(retry.pause()).isBefore(time))
        .<Next>map(
            time ->
                new Next.DeadLetter(
                    ErrorCode.DEADLINE_EXCEEDED,
                    "no time for attempt %d before %s, after: %s"
                        .formatted(attempts.size() + 1, time, retry.reason()),
                    outcome instanceof InvocationOutcome.Retryable failed
                        ? failed.status()
                        : Optional.empty()))
        .orElse(retry);
  }

  private Duration timeout(Instant startedAt) {
    Duration timeout = delivery.reader().task().delivery().timeout();
    return delivery
        .deadline()
        .map(time -> Duration.between(startedAt, time))
        .filter(left -> left.compareTo(timeout) < 0)
        .map(left -> left.compareTo(LEAST_TIMEOUT) < 0 ? LEAST_TIMEOUT : left)
        .orElse(timeout);
  }

  static Effort effort(InvocationOutcome outcome) {
    return switch (outcome) {
      case InvocationOutcome.Succeeded _, InvocationOutcome.Terminal _ -> Effort.SERVED;
      case InvocationOutcome.Retryable retryable -> {
        boolean busy =
            switch (retryable.code()) {
              case FUNCTION_TIMEOUT, FUNCTION_CRASHED -> true;
              default ->
                  retryable.status().filter(status -> status == 429 || status == 503).isPresent();
            };
        yield busy ? Effort.OVERLOADED : Effort.FAILED;
      }
    };
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

  /** What the last attempt says of the function. */
  public Effort effort() {
    return effort;
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
