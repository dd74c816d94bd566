package dev.koalja.router.dispatch;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.Rfc3339;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.router.event.SnapshotEvents;
import io.cloudevents.CloudEvent;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An event on its way to the task of a reader.
 *
 * @param reader who reads it
 * @param revision the revision of the pipeline in force
 * @param event what it is
 * @param topic where it stands
 * @param partition where it stands
 * @param offset where it stands
 * @param appended the record's timestamp
 * @param key the record key, which decides its order
 * @param size bytes of the record
 * @param invocation the invocation it causes
 * @param trace the invocation's span, a child of the one that produced the record
 * @param batch those it stands for, when they are handed over in one call; else empty
 */
public record Delivery(
    Reader reader,
    long revision,
    CloudEvent event,
    String topic,
    int partition,
    long offset,
    Instant appended,
    Optional<String> key,
    int size,
    InvocationId invocation,
    TraceParent trace,
    List<Delivery> batch) {
  private static final Pattern HOPS = Pattern.compile("\\d{1,9}");

  public Delivery {
    batch = List.copyOf(batch);
  }

  /** Where it stands, as one text. */
  public String place() {
    return topic + "/" + partition + "/" + offset;
  }

  /** The same with another event. */
  public Delivery with(CloudEvent other) {
    return new Delivery(
        reader,
        revision,
        other,
        topic,
        partition,
        offset,
        appended,
        key,
        size,
        invocation,
        trace,
        batch);
  }

  /** When its time is over, retries included; empty when it has no end. */
  public Optional<Instant> deadline() {
    return reader.task().delivery().deadline().map(appended::plus);
  }

  /**
   * When the event is of no use any more ({@code expirytime}); empty when it does not say, or not
   * in RFC 3339.
   */
  public Optional<Instant> expires() {
    Object time = event.getExtension(KoaljaExtensions.EXPIRY_TIME);
    if (time == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          time instanceof OffsetDateTime read
              ? read.toInstant()
              : Rfc3339.parse(time.toString()).toInstant());
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  /** How many functions the event came through; what is no such number counts as none. */
  public int hops() {
    if (!batch.isEmpty()) {
      return batch.stream().mapToInt(Delivery::hops).max().getAsInt();
    }
    return hops(event);
  }

  /** How many functions an event came through; what is no such number counts as none. */
  public static int hops(CloudEvent event) {
    Object hops = event.getExtension(KoaljaExtensions.HOPS);
    if (hops == null) {
      return 0;
    }
    String text = hops.toString();
    return HOPS.matcher(text).matches() ? Integer.parseInt(text) : 0;
  }

  /** What the journal keeps of what the task is given. */
  public List<InputEvent> inputs() {
    if (!batch.isEmpty()) {
      return batch.stream().flatMap(each -> each.inputs().stream()).toList();
    }
    if (reader.stage() == Reader.Stage.SNAPSHOT && SnapshotEvents.isSnapshot(event)) {
      return SnapshotEvents.inputs(event);
    }
    return List.of(
        new InputEvent(
            reader.input().name().value(),
            reader.input().link().value(),
            topic,
            partition,
            offset,
            event.getSource().toString(),
            event.getId(),
            event.getType(),
            key,
            event.getData() == null ? 0 : event.getData().toBytes().length));
  }
}
