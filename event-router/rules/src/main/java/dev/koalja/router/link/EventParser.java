package dev.koalja.router.link;

import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TraceParent;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Reads the CloudEvent of a record, binary or structured mode. */
final class EventParser {
  private EventParser() {}

  /** What a record turned out to be. */
  sealed interface Parsed {
    record Event(CloudEvent event) implements Parsed {}

    record Unreadable(String reason) implements Parsed {}
  }

  static Parsed parse(ConsumerRecord<byte[], byte[]> record) {
    try {
      CloudEvent event = KafkaMessageFactory.createReader(record).toEvent();
      if (event == null) {
        return new Parsed.Unreadable("no CloudEvent: JSON null");
      }
      if (event.getId().isEmpty() || event.getSource().toString().isEmpty()) {
        return new Parsed.Unreadable("the event's id or source is empty");
      }
      return new Parsed.Event(event);
    } catch (RuntimeException e) {
      // whatever the formats throw at hostile bytes: it must never end the thread that polls
      return new Parsed.Unreadable("no CloudEvent: " + e.getMessage());
    }
  }

  /** The record key as text; empty for a keyless record. */
  static Optional<String> key(ConsumerRecord<byte[], byte[]> record) {
    return record.key() == null
        ? Optional.empty()
        : Optional.of(new String(record.key(), StandardCharsets.UTF_8));
  }

  /** The span that produced the record; a new trace when it says none. */
  static TraceParent trace(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(KoaljaExtensions.TRACEPARENT);
    if (header == null) {
      header = record.headers().lastHeader("ce_" + KoaljaExtensions.TRACEPARENT);
    }
    return Optional.ofNullable(header == null ? null : header.value())
        .map(value -> new String(value, StandardCharsets.UTF_8))
        .flatMap(TraceParent::parse)
        .orElseGet(TraceParent::start);
  }
}
