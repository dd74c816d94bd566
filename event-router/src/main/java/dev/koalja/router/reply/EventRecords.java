package dev.koalja.router.reply;

import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TraceParent;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventV1;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * CloudEvents as Kafka records in binary mode: {@code ce_} headers, the data as value, {@code
 * partitionkey} as record key (CloudEvents Kafka protocol binding 1.0.2).
 */
public final class EventRecords {
  private static final int OVERHEAD_PER_HEADER = 16;

  private EventRecords() {}

  /** The record of an event. */
  public static ProducerRecord<byte[], byte[]> of(
      String topic, CloudEvent event, TraceParent trace) {
    Headers headers = new RecordHeaders();
    add(headers, "ce_specversion", event.getSpecVersion().toString());
    for (String name : event.getAttributeNames()) {
      Object value = event.getAttribute(name);
      if (value != null && !name.equals("specversion")) {
        add(
            headers,
            name.equals(CloudEventV1.DATACONTENTTYPE) ? "content-type" : "ce_" + name,
            value.toString());
      }
    }
    for (String name : event.getExtensionNames()) {
      Object value = event.getExtension(name);
      if (value instanceof byte[] bytes) {
        add(headers, "ce_" + name, Base64.getEncoder().encodeToString(bytes));
      } else if (value != null) {
        add(headers, "ce_" + name, value.toString());
      }
    }
    add(headers, KoaljaExtensions.TRACEPARENT, trace.toString());
    Object key = event.getExtension(KoaljaExtensions.PARTITION_KEY);
    return new ProducerRecord<>(
        topic,
        null,
        null,
        key == null ? null : key.toString().getBytes(StandardCharsets.UTF_8),
        event.getData() == null ? null : event.getData().toBytes(),
        headers);
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
