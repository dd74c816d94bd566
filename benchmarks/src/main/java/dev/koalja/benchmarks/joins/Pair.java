package dev.koalja.benchmarks.joins;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The events of this measurement: 1 KB of text that begins with its side and its number. Left and
 * right of one number have the same key and belong together, since each key is joined in order.
 */
final class Pair {
  /** Bytes of an event's data. */
  static final int BYTES = 1024;

  private static final int DIGITS = 9;
  private static final String FILLER = "x".repeat(BYTES - 1 - DIGITS);
  private static final String BEGIN = "join(";

  private Pair() {}

  /** Which of the two. */
  enum Side {
    LEFT("left"),
    RIGHT("right");

    private final String link;

    Side(String link) {
      this.link = link;
    }

    /** The last part of its topic's name. */
    String link() {
      return link;
    }
  }

  /** One side of numbers {@code first} to {@code end - 1} over so many keys. */
  static Stream<ProducerRecord<byte[], byte[]>> records(
      String topicPrefix, Side side, int first, int end, int keys) {
    return IntStream.range(first, end).mapToObj(each -> record(topicPrefix, side, each, keys));
  }

  private static ProducerRecord<byte[], byte[]> record(
      String topicPrefix, Side side, int number, int keys) {
    String key = "k" + number % keys;
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topicPrefix + side.link(), null, bytes(key), data(side, number));
    record
        .headers()
        .add("ce_specversion", bytes("1.0"))
        .add("ce_id", bytes(side.link() + "-" + number))
        .add("ce_source", bytes("/benchmark"))
        .add("ce_type", bytes("side"))
        .add("ce_partitionkey", bytes(key))
        .add("content-type", bytes("text/plain"));
    return record;
  }

  /** The data of one side. */
  static byte[] data(Side side, int number) {
    return bytes(side.link().charAt(0) + String.format("%0" + DIGITS + "d", number) + FILLER);
  }

  /** What the function makes of the two. */
  static byte[] join(byte[] left, byte[] right) {
    return bytes(
        BEGIN
            + new String(left, StandardCharsets.UTF_8)
            + ","
            + new String(right, StandardCharsets.UTF_8)
            + ")");
  }

  /**
   * Which pair a result was made of.
   *
   * @throws IllegalStateException when its sides do not belong together
   */
  static int numberOf(byte[] result) {
    int left = number(result, BEGIN.length(), 'l');
    int right = number(result, BEGIN.length() + BYTES + 1, 'r');
    if (left != right) {
      throw new IllegalStateException("left %d was joined with right %d".formatted(left, right));
    }
    return left;
  }

  private static int number(byte[] result, int at, char side) {
    if (result.length < at + 1 + DIGITS || result[at] != side) {
      throw new IllegalStateException(
          "no join: " + new String(result, 0, Math.min(result.length, 40), StandardCharsets.UTF_8));
    }
    return Integer.parseInt(new String(result, at + 1, DIGITS, StandardCharsets.US_ASCII));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
