package dev.koalja.router.dispatch;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.router.event.SnapshotEvents;
import io.cloudevents.CloudEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
    TraceParent trace) {

  /** Where it stands, as one text. */
  public String place() {
    return topic + "/" + partition + "/" + offset;
  }

  /** The same with another event. */
  public Delivery with(CloudEvent other) {
    return new Delivery(
        reader, revision, other, topic, partition, offset, appended, key, size, invocation, trace);
  }

  /** What the journal keeps of what the task is given. */
  public List<InputEvent> inputs() {
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
