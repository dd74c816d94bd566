package dev.koalja.router.reply;

import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.pipeline.filter.Filters;
import dev.koalja.pipeline.filter.Verdict;
import dev.koalja.pipeline.journal.InvocationJson;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.Attempt;
import dev.koalja.pipeline.journal.InvocationRecord.Failure;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.pipeline.journal.InvocationRecord.OutputEvent;
import dev.koalja.router.deadletter.DeadLetters;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.dispatch.Invocation.Next;
import dev.koalja.router.state.KeyedStates;
import io.cloudevents.CloudEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Decides which records an invocation leaves behind: results, or a dead letter; always a journal
 * record. Pure but for the clock.
 *
 * @param maxRecordBytes larger results are not appended but fail their invocation
 * @param clock stamps the end of invocations
 */
public record ResultAppender(long maxRecordBytes, InstantSource clock) {

  /**
   * What is to be appended, and how that is called.
   *
   * @param records in order, the journal record last
   * @param journal the journal record
   */
  public record Appendable(List<ProducerRecord<byte[], byte[]>> records, InvocationRecord journal) {

    /** The same, after other records. */
    Appendable after(List<ProducerRecord<byte[], byte[]>> first) {
      if (first.isEmpty()) {
        return this;
      }
      List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>(first);
      all.addAll(records);
      return new Appendable(all, journal);
    }
  }

  private static final int MAX_CAUSE = 1000;
  private static final String DEAD_LETTER = "dead-letter";

  /** What the router adds anew, or takes off. */
  private static final Set<String> NOT_APPENDED =
      Set.of(KoaljaExtensions.OUTPUT, KoaljaExtensions.HOPS);

  /** What becomes of the results of a function. */
  public sealed interface Judgement {
    /** They can all be appended. */
    record Accepted(Appendable appendable) implements Judgement {}

    /** One of them cannot, so none is. */
    record Refused(Next.DeadLetter reason) implements Judgement {}
  }

  private record Appended(ProducerRecord<byte[], byte[]> record, OutputEvent event) {}

  private static final class RefusedResultException extends Exception {
    private static final long serialVersionUID = 1L;
    private final ErrorCode code;

    RefusedResultException(ErrorCode code, String message) {
      super(message);
      this.code = code;
    }
  }

  /** The records of a function that ran. Results that cannot be appended make it a dead letter. */
  public Appendable results(Invocation invocation, Next.AppendResults next) {
    return switch (judge(invocation, next)) {
      case Judgement.Accepted(var appendable) -> appendable;
      case Judgement.Refused(var reason) -> deadLetter(invocation, reason);
    };
  }

  /** The records of a function that ran, or why its results cannot be appended. */
  public Judgement judge(Invocation invocation, Next.AppendResults next) {
    Delivery delivery = invocation.delivery();
    try {
      List<Appended> appended = new ArrayList<>();
      List<ProducerRecord<byte[], byte[]>> states = new ArrayList<>();
      for (CloudEvent result : next.outcome().results()) {
        if (KeyedStates.isState(result)) {
          states.add(state(delivery, result));
        } else {
          appended.add(result(delivery, result));
        }
      }
      Appendable results =
          appendable(invocation, Outcome.SUCCEEDED, appended, Optional.empty()).after(states);
      long journal = EventRecords.size(results.records().getLast());
      if (journal > maxRecordBytes) {
        throw new RefusedResultException(
            ErrorCode.RESULT_TOO_LARGE,
            "ids, types and keys of %d results take %d bytes, more than the journal can keep"
                .formatted(appended.size(), journal));
      }
      return new Judgement.Accepted(results);
    } catch (RefusedResultException e) {
      return new Judgement.Refused(
          new Next.DeadLetter(
              e.code, String.valueOf(e.getMessage()), Optional.of(next.outcome().status())));
    }
  }

  /** The records of an event that failed for good. */
  public Appendable deadLetter(Invocation invocation, Next.DeadLetter next) {
    Delivery delivery = invocation.delivery();
    CloudEvent letter = DeadLetters.letter(invocation, next);
    return appendable(
        invocation,
        Outcome.DEAD_LETTERED,
        letters(delivery.reader(), letter, delivery.trace()),
        Optional.of(new Failure(next.code().word(), next.cause())));
  }

  /** A letter, and the same on the link that wants letters, unless it is too large for a link. */
  private List<Appended> letters(Reader reader, CloudEvent letter, TraceParent trace) {
    List<Appended> letters = new ArrayList<>();
    letters.add(letter("", TopicName.deadLetter(reader), letter, trace));
    reader
        .task()
        .delivery()
        .deadLetter()
        .map(link -> letter(link.value(), TopicName.link(reader.pipeline(), link), letter, trace))
        .filter(copy -> EventRecords.size(copy.record()) <= maxRecordBytes)
        .ifPresent(letters::add);
    return letters;
  }

  /** The records of an event that a filter of its input or task refuses; empty when all let it. */
  public Optional<Appendable> refusedByFilter(Delivery delivery) {
    Task task = delivery.reader().task();
    Verdict verdict = Filters.evaluate(delivery.reader().input().filters(), delivery.event());
    if (verdict.passed() && task.kind() instanceof TaskKind.Filter(var filters)) {
      verdict = Filters.evaluate(filters, delivery.event());
    }
    Optional<Failure> refused =
        switch (verdict) {
          case Verdict.Passed _ -> Optional.empty();
          case Verdict.Failed(var clause, var because) ->
              Optional.of(
                  new Failure(
                      ErrorCode.FILTERED.word(), cut(clause + " did not hold: " + because)));
          case Verdict.Error(var clause, var message) ->
              Optional.of(new Failure(ErrorCode.FILTER_ERROR.word(), cut(clause + ": " + message)));
        };
    return refused.map(
        reason ->
            appendable(new Invocation(delivery), Outcome.FILTERED, List.of(), Optional.of(reason)));
  }

  private static String cut(String text) {
    return text.length() <= MAX_CAUSE ? text : text.substring(0, MAX_CAUSE - 1) + "…";
  }

  /**
   * The records of an event that waited for a snapshot in vain.
   *
   * @param reader the input it came to
   * @param event as it stood on its link
   * @param input where it stood
   * @param code why it is given up
   * @param letter whether it becomes a dead letter, or is only journaled
   */
  public Appendable expired(
      Reader reader,
      long revision,
      CloudEvent event,
      InputEvent input,
      InvocationId id,
      Instant arrived,
      ErrorCode code,
      String cause,
      boolean letter,
      TraceParent trace) {
    List<Appended> appended =
        letter
            ? letters(reader, DeadLetters.letter(event, reader, id, code, cause), trace)
            : List.of();
    Instant now = clock.instant();
    return appendable(
        appended,
        new InvocationRecord(
            id.value(),
            reader.pipeline().value(),
            revision,
            reader.task().name().value(),
            Optional.empty(),
            letter ? Outcome.DEAD_LETTERED : Outcome.EXPIRED,
            List.of(input),
            appended.stream().map(Appended::event).toList(),
            List.of(),
            nonNegative(Duration.between(arrived, now)),
            Optional.empty(),
            Duration.ZERO,
            Optional.empty(),
            Optional.of(trace.toString()),
            now,
            Optional.of(new Failure(code.word(), cut(cause)))));
  }

  /** The records of an event that is of no use any more. */
  public Appendable expired(Invocation invocation, String cause) {
    return appendable(
        invocation,
        Outcome.EXPIRED,
        List.of(),
        Optional.of(new Failure(ErrorCode.EVENT_EXPIRED.word(), cause)));
  }

  /** The records of an event that came before. */
  public Appendable duplicate(Delivery delivery, long first) {
    return appendable(
        new Invocation(delivery),
        Outcome.FILTERED,
        List.of(),
        Optional.of(
            new Failure(
                ErrorCode.DUPLICATE.word(),
                "the same source and id stand at offset %d of %s/%d"
                    .formatted(first, delivery.topic(), delivery.partition()))));
  }

  private static Appendable appendable(List<Appended> appended, InvocationRecord journal) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    appended.forEach(each -> records.add(each.record()));
    records.add(record(journal));
    return new Appendable(records, journal);
  }

  /** The records of a record that no event could be read from. */
  public Appendable quarantine(
      Reader reader,
      long revision,
      ConsumerRecord<byte[], byte[]> record,
      String invocation,
      String reason) {
    ProducerRecord<byte[], byte[]> quarantined = DeadLetters.quarantined(reader, record, reason);
    Instant now = clock.instant();
    InvocationRecord journal =
        new InvocationRecord(
            invocation,
            reader.pipeline().value(),
            revision,
            reader.task().name().value(),
            Optional.empty(),
            Outcome.QUARANTINED,
            List.of(
                new InputEvent(
                    reader.input().name().value(),
                    reader.input().link().value(),
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    "",
                    "",
                    "",
                    Optional.empty(),
                    Math.max(0, record.serializedValueSize()))),
            List.of(
                new OutputEvent(
                    "quarantine",
                    "",
                    quarantined.topic(),
                    "",
                    "",
                    "",
                    Optional.empty(),
                    Math.max(0, record.serializedValueSize()),
                    sha256(record.value()))),
            List.of(),
            nonNegative(Duration.between(Instant.ofEpochMilli(record.timestamp()), now)),
            Optional.empty(),
            Duration.ZERO,
            Optional.empty(),
            Optional.empty(),
            now,
            Optional.of(new Failure(ErrorCode.UNREADABLE_RECORD.word(), reason)));
    return new Appendable(List.of(quarantined, record(journal)), journal);
  }

  private ProducerRecord<byte[], byte[]> state(Delivery delivery, CloudEvent result)
      throws RefusedResultException {
    Task task = delivery.reader().task();
    if (!task.snapshot().map(Snapshot::keyedState).orElse(false)) {
      throw new RefusedResultException(
          ErrorCode.UNKNOWN_OUTPUT, "task %s keeps no state".formatted(task.name()));
    }
    ProducerRecord<byte[], byte[]> record = KeyedStates.record(delivery, result);
    long size = EventRecords.size(record);
    if (size > maxRecordBytes / 2) {
      throw new RefusedResultException(
          ErrorCode.RESULT_TOO_LARGE,
          "the state of a key has %d bytes, at most %d are kept"
              .formatted(size, maxRecordBytes / 2));
    }
    return record;
  }

  private Appended result(Delivery delivery, CloudEvent result) throws RefusedResultException {
    Task task = delivery.reader().task();
    Object named = result.getExtension(KoaljaExtensions.OUTPUT);
    Output output =
        named == null
            ? task.outputs().stream()
                .findFirst()
                .orElseThrow(
                    () ->
                        new RefusedResultException(
                            ErrorCode.UNKNOWN_OUTPUT,
                            "task %s has no output, and its function returned a result"
                                .formatted(task.name())))
            : task.output(named.toString())
                .orElseThrow(
                    () ->
                        new RefusedResultException(
                            ErrorCode.UNKNOWN_OUTPUT,
                            "task %s has no output \"%s\"".formatted(task.name(), named)));
    Object own = result.getExtension(KoaljaExtensions.PARTITION_KEY);
    Optional<String> key = own == null ? delivery.key() : Optional.of(own.toString());
    String topic = TopicName.link(delivery.reader().pipeline(), output.link());
    ProducerRecord<byte[], byte[]> record =
        EventRecords.of(topic, result, key.orElse(null), NOT_APPENDED, delivery.trace());
    // what a filter lets pass came through no function more
    int hops = delivery.hops() + (task.kind() instanceof TaskKind.Filter ? 0 : 1);
    if (hops > 0) {
      EventRecords.addHops(record, hops);
    }
    Appended appended = appended(output.name().value(), output.link().value(), result, key, record);
    long size = EventRecords.size(appended.record());
    if (size > maxRecordBytes) {
      throw new RefusedResultException(
          ErrorCode.RESULT_TOO_LARGE,
          "a result for %s has %d bytes, at most %d fit on a link"
              .formatted(output.link(), size, maxRecordBytes));
    }
    return appended;
  }

  private static Appended letter(String link, String topic, CloudEvent letter, TraceParent trace) {
    return appended(
        DEAD_LETTER,
        link,
        letter,
        Optional.ofNullable(letter.getExtension(KoaljaExtensions.PARTITION_KEY))
            .map(Object::toString),
        EventRecords.of(topic, letter, trace));
  }

  private static Appended appended(
      String output,
      String link,
      CloudEvent event,
      Optional<String> key,
      ProducerRecord<byte[], byte[]> record) {
    return new Appended(
        record,
        new OutputEvent(
            output,
            link,
            record.topic(),
            event.getSource().toString(),
            event.getId(),
            event.getType(),
            key,
            record.value() == null ? 0 : record.value().length,
            sha256(record.value())));
  }

  private Appendable appendable(
      Invocation invocation, Outcome outcome, List<Appended> appended, Optional<Failure> error) {
    Delivery delivery = invocation.delivery();
    Instant now = clock.instant();
    List<Attempt> attempts = invocation.attempts();
    Instant firstCall = attempts.isEmpty() ? now : attempts.getFirst().startedAt();
    Duration executed = Duration.ZERO;
    for (Attempt attempt : attempts) {
      executed = executed.plus(attempt.took());
    }
    List<OutputEvent> outputs = new ArrayList<>(appended.size());
    appended.forEach(each -> outputs.add(each.event()));
    InvocationRecord journal =
        new InvocationRecord(
            delivery.invocation().value(),
            delivery.reader().pipeline().value(),
            delivery.revision(),
            delivery.reader().task().name().value(),
            invocation.codeRevision(),
            outcome,
            delivery.inputs(),
            outputs,
            attempts,
            nonNegative(Duration.between(delivery.appended(), firstCall)),
            invocation.coldStart(),
            executed,
            invocation.instance(),
            Optional.of(delivery.trace().toString()),
            now,
            error);
    return appendable(appended, journal);
  }

  private static ProducerRecord<byte[], byte[]> record(InvocationRecord journal) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            "koalja-journal." + journal.pipeline(),
            journal.invocation().getBytes(StandardCharsets.UTF_8),
            InvocationJson.write(journal));
    record.headers().add("koalja-kind", "invocation".getBytes(StandardCharsets.UTF_8));
    return record;
  }

  private static Duration nonNegative(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }

  private static String sha256(byte @org.jspecify.annotations.Nullable [] data) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(data == null ? new byte[0] : data));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
