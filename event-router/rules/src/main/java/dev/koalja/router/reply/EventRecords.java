package dev.koalja.router.reply;

import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.Rfc3339;
import dev.koalja.pipeline.event.TraceParent;
import io.cloudevents.CloudEvent;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents as Kafka records in binary mode: {@code ce_} headers, the data as value, {@code
 * partitionkey} as record key (CloudEvents Kafka protocol binding 1.0.2).
 */
public final class EventRecords {
  private static final int OVERHEAD_PER_HEADER = 16;

  private EventRecords() {}

  /** The record of an event, with all it has. */
  public static ProducerRecord<byte[], byte[]> of(
      String topic, CloudEvent event, TraceParent trace) {
    Object key = event.getExtension(KoaljaExtensions.PARTITION_KEY);
    return of(topic, event, key == null ? null : key.toString(), Set.of(), trace);
  }

  /**
   * The record of an event with another key, less some extensions: so nothing has to be copied only
   * to change what is written anyway.
   */
  static ProducerRecord<byte[], byte[]> of(
      String topic,
      CloudEvent event,
      @Nullable String key,
      Set<String> without,
      TraceParent trace) {
    Headers headers = new RecordHeaders();
    add(headers, "ce_specversion", "1.0");
    add(headers, "ce_id", event.getId());
    add(headers, "ce_source", event.getSource().toString());
    add(headers, "ce_type", event.getType());
    if (event.getDataContentType() != null) {
      add(headers, "content-type", event.getDataContentType());
    }
    if (event.getDataSchema() != null) {
      add(headers, "ce_dataschema", event.getDataSchema().toString());
    }
    if (event.getSubject() != null) {
      add(headers, "ce_subject", event.getSubject());
    }
    if (event.getTime() != null) {
      add(headers, "ce_time", Rfc3339.format(event.getTime()));
    }
    for (String name : event.getExtensionNames()) {
      if (!name.equals(KoaljaExtensions.PARTITION_KEY) && !without.contains(name)) {
        addExtension(headers, name, event.getExtension(name));
      }
    }
    if (key != null) {
      add(headers, "ce_" + KoaljaExtensions.PARTITION_KEY, key);
    }
    add(headers, KoaljaExtensions.TRACEPARENT, trace.toString());
    return new ProducerRecord<>(
        topic,
        null,
        null,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        event.getData() == null ? null : event.getData().toBytes(),
        headers);
  }

  /** Says how many functions the event of a record came through. */
  static void addHops(ProducerRecord<byte[], byte[]> record, int hops) {
    add(record.headers(), "ce_" + KoaljaExtensions.HOPS, Integer.toString(hops));
  }

  private static void addExtension(Headers headers, String name, @Nullable Object value) {
    if (value instanceof byte[] bytes) {
      add(headers, "ce_" + name, Base64.getEncoder().encodeToString(bytes));
    } else if (value != null) {
      add(headers, "ce_" + name, value.toString());
    }
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** About how many bytes a record takes on its topic. */
  public static long size(ProducerRecord<byte[], byte[]> record) {
    long size = 64;
    size += record.key() == null ? 0 : record.key().length;
    size += record.value() == null ? 0 : record.value().length;
    for (var header : record.headers()) {
      int value = header.value() == null ? 0 : header.value().length;
      size += header.key().length() + value + OVERHEAD_PER_HEADER;
    }
    return size;
  }
}
