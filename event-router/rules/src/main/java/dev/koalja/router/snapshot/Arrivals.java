package dev.koalja.router.snapshot;

import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.event.SnapshotEvents;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Records of arrivals topics: the event in JSON as the function will get it, the correlation key as
 * record key, and in headers what assembly needs to know without reading the event.
 */
public final class Arrivals {
  private static final String INPUT = "koalja-input";
  private static final String TIME = "koalja-time";

  private Arrivals() {}

  /** The record of an event that reached an input. */
  static ProducerRecord<byte[], byte[]> record(
      Delivery delivery, PortName input, Optional<String> key) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            TopicName.arrivals(delivery.reader().pipeline(), delivery.reader().task().name()),
            key.map(Arrivals::bytes).orElse(null),
            SnapshotEvents.json(delivery.event(), delivery.key(), delivery.place(), input));
    OffsetDateTime time = delivery.event().getTime();
    Instant eventTime = time == null ? delivery.appended() : time.toInstant();
    record
        .headers()
        .add(INPUT, bytes(input.value()))
        .add(TIME, bytes(Long.toString(millis(eventTime))))
        .add(KoaljaExtensions.TRACEPARENT, bytes(delivery.trace().toString()));
    return record;
  }

  /** Times far beyond any calendar are those of a broken clock: as far as a number goes. */
  private static long millis(Instant time) {
    try {
      return time.toEpochMilli();
    } catch (ArithmeticException _) {
      return time.isBefore(Instant.EPOCH) ? Long.MIN_VALUE / 2 : Long.MAX_VALUE / 2;
    }
  }

  /**
   * Reads a record.
   *
   * @throws IllegalArgumentException when it was not written by an intake
   */
  public static Arrival read(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      throw new IllegalArgumentException("no event");
    }
    return new Arrival(
        record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8),
        new PortName(header(record, INPUT)),
        record.offset(),
        Instant.ofEpochMilli(record.timestamp()),
        Instant.ofEpochMilli(Long.parseLong(header(record, TIME))),
        record.value());
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    if (header == null || header.value() == null) {
      throw new IllegalArgumentException("no header " + name);
    }
    return new String(header.value(), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
