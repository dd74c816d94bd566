package dev.koalja.benchmarks.throughput;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;

/** The events of this measurement: 1 KB of text that begins with a number, one of 1,000 keys. */
final class Event {
  /** Bytes of an event's data. */
  static final int BYTES = 1024;

  private static final int KEYS = 1000;
  private static final int DIGITS = 9;
  private static final String FILLER = "x".repeat(BYTES - DIGITS);
  private static final String GREETING = "Hello, ";

  private Event() {}

  /** The data of event {@code number}. */
  static byte[] data(long number) {
    return bytes(String.format("%0" + DIGITS + "d", number) + FILLER);
  }

  /** Event {@code number} as a CloudEvent in Kafka's binary mode. */
  static ProducerRecord<byte[], byte[]> record(String topic, long number) {
    String key = "k" + number % KEYS;
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, null, bytes(key), data(number));
    record
        .headers()
        .add("ce_specversion", bytes("1.0"))
        .add("ce_id", bytes(Long.toString(number)))
        .add("ce_source", bytes("/benchmark"))
        .add("ce_type", bytes("name"))
        .add("ce_partitionkey", bytes(key))
        .add("content-type", bytes("text/plain"));
    return record;
  }

  /** The result of the function as it would stand on {@code topic}. */
  static ProducerRecord<byte[], byte[]> result(
      String topic, ConsumerRecord<byte[], byte[]> record) {
    ProducerRecord<byte[], byte[]> result =
        new ProducerRecord<>(topic, null, record.key(), greet(record.value()));
    resultHeaders(record.headers(), result.headers());
    return result;
  }

  /** What the function answers: text in, text out. */
  static byte[] greet(byte[] data) {
    return bytes(GREETING + new String(data, StandardCharsets.UTF_8) + "!");
  }

  /** The input's headers and another id. */
  private static void resultHeaders(Headers input, Headers result) {
    for (Header header : input) {
      result.add(
          header.key().equals("ce_id")
              ? new RecordHeader(
                  "ce_id", bytes(new String(header.value(), StandardCharsets.UTF_8) + ".0"))
              : header);
    }
  }

  /** Which event a result answers. */
  static int numberOf(byte[] result) {
    int begin = GREETING.length();
    return Integer.parseInt(new String(result, begin, DIGITS, StandardCharsets.US_ASCII));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
