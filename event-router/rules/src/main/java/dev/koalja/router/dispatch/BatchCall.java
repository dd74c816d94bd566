package dev.koalja.router.dispatch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.Serving;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.Ulid;
import dev.koalja.router.admission.Effort;
import dev.koalja.router.dispatch.Invocation.Next;
import dev.koalja.router.event.SnapshotEvents;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Hands several events of one partition over in one call (PROTOCOL.md, Batches). The results are
 * the batch's; an event that the function names as failed goes its own way. When the call as a
 * whole fails, nobody knows whose fault it is: the same again with fewer, until the one is alone.
 */
public final class BatchCall {
  /** The type of what says that an event of the batch failed. */
  public static final String FAILURE = "dev.koalja.failure";

  private static final Pattern NUMBER = Pattern.compile("\\d{1,6}");

  private final List<Invocation> invocations;
  private Effort effort = Effort.NOTHING;

  /**
   * What follows.
   *
   * @param succeeded those that go on together; empty when none does
   * @param alone what follows for each of the others
   * @param divided those that are to be called with again, in smaller batches, at once
   */
  public record Outcome(
      Optional<Together> succeeded, Map<Invocation, Next> alone, List<Invocation> divided) {}

  /**
   * Events whose results are appended together.
   *
   * @param invocation stands for all of them; its own when it is one
   */
  public record Together(
      List<Invocation> members, Invocation invocation, Next.AppendResults results) {}

  public BatchCall(List<Invocation> invocations) {
    this.invocations = List.copyOf(invocations);
  }

  /** What the call says of the function. */
  public Effort effort() {
    return effort;
  }

  /** Gets an instance of the function, calls it, and decides what follows. */
  public Outcome attempt(
      Serving serving, FunctionCaller invoker, RetryPolicy retries, InstantSource clock)
      throws InterruptedException {
    Map<Invocation, Next> alone = new LinkedHashMap<>();
    List<Invocation> members = new ArrayList<>();
    Instant now = clock.instant();
    for (Invocation each : invocations) {
      each.over(now).ifPresentOrElse(next -> alone.put(each, next), () -> members.add(each));
    }
    if (members.isEmpty()) {
      return new Outcome(Optional.empty(), alone, List.of());
    }
    Delivery first = members.getFirst().delivery();
    Lease lease;
    try {
      lease =
          serving.acquire(first.reader().pipeline(), first.reader().task(), Invocation.LEASE_LIMIT);
    } catch (UnavailableException e) {
      effort = Effort.OVERLOADED;
      members.forEach(each -> alone.put(each, each.unavailable(e, retries)));
      return new Outcome(Optional.empty(), alone, List.of());
    }
    Delivery together = together(members);
    int number = members.getFirst().attempts().size() + 1;
    InvocationOutcome outcome;
    Instant startedAt = clock.instant();
    long begun = System.nanoTime();
    try (lease) {
      members.forEach(each -> each.uses(lease));
      outcome =
          invoker.call(
              new FunctionCaller.Attempt(
                  lease.endpoint(),
                  first.reader().task().name().value(),
                  together.event(),
                  together.invocation(),
                  number,
                  first.reader().task().delivery().timeout(),
                  together.trace().child(),
                  false));
      if (outcome instanceof InvocationOutcome.Retryable retryable
          && retryable.code() == ErrorCode.FUNCTION_CRASHED) {
        lease.failed();
      }
    }
    effort = Invocation.effort(outcome);
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    outcome = checked(outcome, members.size());
    if (outcome instanceof InvocationOutcome.Succeeded succeeded) {
      return succeeded(together, members, alone, succeeded, lease, startedAt, took, retries, clock);
    }
    if (members.size() > 1) {
      return new Outcome(Optional.empty(), alone, members);
    }
    Invocation only = members.getFirst();
    alone.put(only, only.decideInTime(outcome, startedAt, took, retries, clock));
    return new Outcome(Optional.empty(), alone, List.of());
  }

  /** A reply that names an event that was not handed over as failed says nothing of any. */
  private static InvocationOutcome checked(InvocationOutcome outcome, int members) {
    if (!(outcome instanceof InvocationOutcome.Succeeded succeeded)) {
      return outcome;
    }
    return succeeded.results().stream()
        .filter(result -> result.getType().equals(FAILURE) && index(result) >= members)
        .findFirst()
        .<InvocationOutcome>map(
            result ->
                new InvocationOutcome.Terminal(
                    ErrorCode.BAD_REPLY,
                    "%s names event %s of a batch of %d in its koaljaindex"
                        .formatted(FAILURE, named(result), members),
                    Optional.of(succeeded.status()),
                    succeeded.codeRevision()))
        .orElse(outcome);
  }

  private static String named(CloudEvent failure) {
    String index = String.valueOf(failure.getExtension(KoaljaExtensions.INDEX));
    return index.length() <= 20 ? index : index.substring(0, 20) + "…";
  }

  /** Which event of the batch failed; more than any batch has when it does not say. */
  private static int index(CloudEvent failure) {
    String index = String.valueOf(failure.getExtension(KoaljaExtensions.INDEX));
    return NUMBER.matcher(index).matches() ? Integer.parseInt(index) : Integer.MAX_VALUE;
  }

  private static Outcome succeeded(
      Delivery called,
      List<Invocation> members,
      Map<Invocation, Next> alone,
      InvocationOutcome.Succeeded outcome,
      Lease lease,
      Instant startedAt,
      Duration took,
      RetryPolicy retries,
      InstantSource clock) {
    List<CloudEvent> results = new ArrayList<>();
    List<Invocation> rest = new ArrayList<>(members);
    for (CloudEvent result : outcome.results()) {
      if (!result.getType().equals(FAILURE)) {
        results.add(result);
        continue;
      }
      Invocation failed = members.get(index(result));
      if (rest.remove(failed)) {
        InvocationOutcome own = FunctionProtocol.failure(problem(result), outcome.codeRevision());
        alone.put(failed, failed.decideInTime(own, startedAt, took, retries, clock));
      }
    }
    if (rest.isEmpty()) {
      return new Outcome(Optional.empty(), alone, List.of());
    }
    Invocation invocation;
    if (rest.size() == 1) {
      invocation = rest.getFirst();
    } else {
      invocation = new Invocation(standingFor(rest, called.event(), called.invocation()));
      invocation.uses(lease);
    }
    Next next =
        invocation.decideInTime(
            new InvocationOutcome.Succeeded(results, outcome.status(), outcome.codeRevision()),
            startedAt,
            took,
            retries,
            clock);
    return new Outcome(
        Optional.of(new Together(rest, invocation, (Next.AppendResults) next)), alone, List.of());
  }

  private static JsonNode problem(CloudEvent failure) {
    try {
      return failure.getData() == null
          ? Json.MAPPER.missingNode()
          : Json.MAPPER.readTree(failure.getData().toBytes());
    } catch (IOException _) {
      return Json.MAPPER.missingNode();
    }
  }

  private static byte[] batch(List<Delivery> deliveries) {
    ByteArrayOutputStream batch = new ByteArrayOutputStream();
    batch.write('[');
    for (int i = 0; i < deliveries.size(); i++) {
      Delivery each = deliveries.get(i);
      byte[] event =
          SnapshotEvents.json(each.event(), each.key(), each.place(), each.reader().input().name());
      SnapshotEvents.append(batch, i, event);
    }
    batch.write(']');
    return batch.toByteArray();
  }

  /** The delivery that is called with. */
  private static Delivery together(List<Invocation> members) {
    List<Delivery> all = members.stream().map(Invocation::delivery).toList();
    Delivery first = all.getFirst();
    String[] ids = all.stream().map(each -> each.invocation().value()).toArray(String[]::new);
    InvocationId id =
        all.size() == 1
            ? first.invocation()
            : new InvocationId(Ulid.derived(first.appended(), ids));
    CloudEvent event =
        CloudEventBuilder.v1()
            .withId(ids[0])
            .withSource(first.event().getSource())
            .withType(SnapshotEvents.TYPE)
            .withData(SnapshotEvents.MEDIA_TYPE, batch(all))
            .build();
    return standingFor(members, event, id);
  }

  /** A delivery instead of several; the id is that of the call, which results are named after. */
  private static Delivery standingFor(List<Invocation> members, CloudEvent event, InvocationId id) {
    List<Delivery> all = members.stream().map(Invocation::delivery).toList();
    Delivery first = all.getFirst();
    return new Delivery(
        first.reader(),
        first.revision(),
        event,
        first.topic(),
        first.partition(),
        first.offset(),
        all.stream().map(Delivery::appended).min(Instant::compareTo).orElseThrow(),
        all.stream().allMatch(each -> each.key().equals(first.key()))
            ? first.key()
            : Optional.empty(),
        all.stream().mapToInt(Delivery::size).sum(),
        id,
        first.trace(),
        all);
  }
}
