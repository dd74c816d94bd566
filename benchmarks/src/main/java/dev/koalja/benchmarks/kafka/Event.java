package dev.koalja.benchmarks.kafka;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;

/** The events of measurements: text of any size that begins with a number, one of some keys. */
public final class Event {
  /** How many keys there are unless somebody says. */
  public static final int KEYS = 1000;

  private static final int DIGITS = 9;
  private static final String GREETING = "Hello, ";

  private Event() {}

  /** The data of event {@code number}, of {@code size} bytes. */
  public static byte[] data(long number, int size) {
    byte[] data = new byte[size];
    Arrays.fill(data, (byte) 'x');
    long rest = number;
    for (int digit = DIGITS - 1; digit >= 0; digit--) {
      data[digit] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return data;
  }

  /** Event {@code number} as a CloudEvent in Kafka's binary mode. */
  public static ProducerRecord<byte[], byte[]> record(
      String topic, long number, int size, int keys) {
    return record(topic, number, data(number, size), keys);
  }

  /** Event {@code number} with other data. */
  public static ProducerRecord<byte[], byte[]> record(
      String topic, long number, byte[] data, int keys) {
    String key = "k" + number % keys;
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, null, bytes(key), data);
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
  public static ProducerRecord<byte[], byte[]> result(
      String topic, ConsumerRecord<byte[], byte[]> record) {
    ProducerRecord<byte[], byte[]> result =
        new ProducerRecord<>(topic, null, record.key(), greet(record.value()));
    resultHeaders(record.headers(), result.headers());
    return result;
  }

  /** What the function answers: text in, text out. */
  public static byte[] greet(byte[] data) {
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
  public static int numberOf(byte[] result) {
    int begin = GREETING.length();
    return Integer.parseInt(new String(result, begin, DIGITS, StandardCharsets.US_ASCII));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
