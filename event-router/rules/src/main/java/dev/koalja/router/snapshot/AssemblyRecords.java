package dev.koalja.router.snapshot;

import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.pipeline.event.Ulid;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.router.event.SnapshotEvents;
import dev.koalja.router.reply.EventRecords;
import dev.koalja.router.reply.ResultAppender;
import dev.koalja.router.reply.ResultAppender.Appendable;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The records that a step of assembly leaves behind, but for its state. */
public final class AssemblyRecords {
  private static final int MAX_EVENTS = 10_000;

  private final Reader reader;
  private final LongSupplier revision;
  private final ResultAppender appender;
  private final String snapshots;

  /**
   * Of a task whose snapshots {@code reader} puts together.
   *
   * @param revision the one in force, which may change while the reader goes on
   */
  public AssemblyRecords(Reader reader, LongSupplier revision, ResultAppender appender) {
    this.reader = reader;
    this.revision = revision;
    this.appender = appender;
    this.snapshots = TopicName.snapshots(reader.pipeline(), reader.task().name());
  }

  /**
   * What is to be appended.
   *
   * @param journal the journal records among them
   */
  public record Outcome(
      List<ProducerRecord<byte[], byte[]>> records, List<InvocationRecord> journal) {}

  /** The records of a step. */
  public Outcome of(Step step, TopicPartition arrivals, TraceParent trace) {
    Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>());
    for (Firing firing : step.firings()) {
      fired(firing, arrivals, trace, outcome);
    }
    for (Refusal refusal : step.refusals()) {
      ErrorCode code =
          switch (refusal.cause()) {
            case EXPIRED_DROP, EXPIRED_DEADLETTER -> ErrorCode.SNAPSHOT_EXPIRED;
            case OVERFLOW -> ErrorCode.SNAPSHOT_OVERFLOW;
            case LATE -> ErrorCode.LATE;
          };
      boolean letter =
          switch (refusal.cause()) {
            case EXPIRED_DEADLETTER, OVERFLOW -> true;
            case EXPIRED_DROP, LATE -> false;
          };
      refused(refusal.slot(), arrivals, code, refusal.reason(), letter, trace, outcome);
    }
    return outcome;
  }

  private void fired(Firing firing, TopicPartition arrivals, TraceParent trace, Outcome outcome) {
    if (firing.slots().size() > MAX_EVENTS) {
      tooLarge(firing, arrivals, "%d events".formatted(firing.slots().size()), trace, outcome);
      return;
    }
    ProducerRecord<byte[], byte[]> record = record(firing, arrivals, trace);
    long size = EventRecords.size(record);
    if (size > appender.maxRecordBytes()) {
      tooLarge(firing, arrivals, "%d bytes".formatted(size), trace, outcome);
      return;
    }
    outcome.records().add(record);
  }

  private void tooLarge(
      Firing firing, TopicPartition arrivals, String size, TraceParent trace, Outcome outcome) {
    String cause =
        "a snapshot of %s is too large; at most %d events and %d bytes fit"
            .formatted(size, MAX_EVENTS, appender.maxRecordBytes());
    for (Slot slot : firing.slots()) {
      refused(slot, arrivals, ErrorCode.SNAPSHOT_TOO_LARGE, cause, true, trace, outcome);
    }
  }

  private ProducerRecord<byte[], byte[]> record(
      Firing firing, TopicPartition arrivals, TraceParent trace) {
    Instant newest =
        firing.slots().stream().map(Slot::arrived).max(Instant::compareTo).orElseThrow();
    List<String> identity = new ArrayList<>();
    identity.add(arrivals.toString());
    firing.slots().forEach(slot -> identity.add(Long.toString(slot.offset())));
    CloudEventBuilder event =
        CloudEventBuilder.v1()
            // the same events make the same snapshot, whoever puts them together
            .withId(Ulid.derived(newest, identity.toArray(String[]::new)))
            .withSource(URI.create("/pipelines/%s/tasks/%s".formatted(reader.pipeline(), name())))
            .withType(SnapshotEvents.TYPE)
            .withTime(newest.atOffset(ZoneOffset.UTC))
            .withData(SnapshotEvents.MEDIA_TYPE, Slots.batch(firing.slots()));
    if (!firing.key().isEmpty()) {
      event.withExtension(KoaljaExtensions.PARTITION_KEY, firing.key());
    }
    int hops =
        firing.slots().stream().mapToInt(slot -> SnapshotEvents.hops(slot.event())).max().orElse(0);
    if (hops > 0) {
      event.withExtension(KoaljaExtensions.HOPS, hops);
    }
    if (firing.partial()) {
      event.withExtension(KoaljaExtensions.PARTIAL, true);
    }
    ProducerRecord<byte[], byte[]> keyed = EventRecords.of(snapshots, event.build(), trace);
    return new ProducerRecord<>(
        snapshots, arrivals.partition(), null, keyed.key(), keyed.value(), keyed.headers());
  }

  private String name() {
    return reader.task().name().value();
  }

  private void refused(
      Slot slot,
      TopicPartition arrivals,
      ErrorCode code,
      String cause,
      boolean letter,
      TraceParent trace,
      Outcome outcome) {
    CloudEvent event = Slots.event(slot);
    InputEvent input = Slots.input(slot);
    Reader intake = new Reader(reader.pipeline(), reader.task(), intake(slot, input));
    Appendable appendable =
        appender.expired(
            intake,
            revision.getAsLong(),
            event,
            input,
            InvocationId.of(
                reader, arrivals.topic(), arrivals.partition(), slot.offset(), slot.arrived()),
            slot.arrived(),
            code,
            cause,
            letter,
            trace);
    outcome.records().addAll(appendable.records());
    outcome.journal().add(appendable.journal());
  }

  /** The input that took the event in, which is another than the slot's when it was merged. */
  private Input intake(Slot slot, InputEvent event) {
    List<Input> inputs = reader.task().inputs();
    return inputs.stream()
        .filter(each -> each.link().value().equals(event.link()))
        .filter(each -> each.mergeInto().orElse(each.name()).equals(slot.input()))
        .findFirst()
        .or(() -> inputs.stream().filter(each -> each.name().equals(slot.input())).findFirst())
        .orElse(inputs.getFirst());
  }
}
