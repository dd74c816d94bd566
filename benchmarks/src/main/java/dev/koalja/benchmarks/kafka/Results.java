package dev.koalja.benchmarks.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What comes out on a topic, read committed. While a subject works it only asks Kafka how far the
 * topic has grown, which costs nothing; the results are read and counted afterwards.
 */
public final class Results implements AutoCloseable {
  private static final Duration SAMPLE = Duration.ofMillis(5);
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration LOOK = Duration.ofMillis(500);

  private final Admin admin;
  private final ToIntFunction<byte[]> numberOf;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final BitSet seen = new BitSet();
  private Map<TopicPartition, Long> begin;

  /** Looks after the subject while it works. */
  @FunctionalInterface
  public interface LookAfter {
    /** Fails when something is wrong with it. */
    void look() throws Exception;
  }

  /** How far the topic had grown at a moment of {@link System#nanoTime}. */
  private record Growth(long time, Map<TopicPartition, Long> ends) {}

  /**
   * What a backlog became.
   *
   * @param end the moment of {@link System#nanoTime} at which the last result was visible
   * @param transactions about how many transactions they came in
   */
  public record Drained(long end, int transactions) {}

  /**
   * From now on.
   *
   * @param numberOf which number, from 0, the data of a result has; of each number there is one
   */
  public Results(String bootstrapServers, Admin admin, String topic, ToIntFunction<byte[]> numberOf)
      throws Exception {
    this.admin = admin;
    this.numberOf = numberOf;
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    properties.put("max.poll.records", "10000");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    begin = growth().ends();
  }

  /**
   * Waits until {@code count} results have come since the last call.
   *
   * @param lookAfter called twice a second; fails when the subject has
   * @throws IllegalStateException when results are missing after minutes, or one came twice
   */
  public Drained await(int count, LookAfter lookAfter) throws Exception {
    long started = System.nanoTime();
    List<Growth> growths = new ArrayList<>();
    // offsets count the ends of transactions too: once they say so it is nearly all
    long looked = started;
    do {
      if (System.nanoTime() - looked > LOOK.toNanos()) {
        looked = System.nanoTime();
        lookAfter.look();
      }
      Thread.sleep(SAMPLE);
      growths.add(growth());
      checkTime(started, count);
    } while (grown(growths.getLast().ends()) < count);
    Map<TopicPartition, Long> last = new HashMap<>();
    int counted = 0;
    while (counted < count) {
      growths.add(growth());
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(SAMPLE)) {
        count(record);
        counted++;
        last.put(new TopicPartition(record.topic(), record.partition()), record.offset());
      }
      checkTime(started, count);
    }
    growths.add(growth());
    long end =
        growths.stream()
            .filter(
                each ->
                    last.entrySet().stream()
                        .allMatch(
                            entry ->
                                each.ends().getOrDefault(entry.getKey(), 0L) > entry.getValue()))
            .mapToLong(Growth::time)
            .findFirst()
            .orElseThrow();
    Map<TopicPartition, Long> ends = growths.getLast().ends();
    int transactions = (int) Math.max(1, (grown(ends) - count) / partitions.size());
    begin = ends;
    return new Drained(end, transactions);
  }

  /** Reads what came unasked; fails when a result came twice or anything else did. */
  public void audit(int expected) throws Exception {
    Map<TopicPartition, Long> ends = growth().ends();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      consumer.poll(SAMPLE).forEach(this::count);
    }
    if (seen.cardinality() != expected) {
      throw new IllegalStateException(
          "%d results for %d events".formatted(seen.cardinality(), expected));
    }
  }

  private void count(ConsumerRecord<byte[], byte[]> record) {
    int number = numberOf.applyAsInt(record.value());
    if (seen.get(number)) {
      throw new IllegalStateException("event " + number + " has two results: not exactly once");
    }
    seen.set(number);
  }

  private static void checkTime(long started, int count) {
    if (System.nanoTime() - started > LIMIT.toNanos()) {
      throw new IllegalStateException(
          "not all of %d results came within %d min".formatted(count, LIMIT.toMinutes()));
    }
  }

  private long grown(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .mapToLong(end -> end.getValue() - begin.getOrDefault(end.getKey(), 0L))
        .sum();
  }

  private Growth growth() throws Exception {
    Map<TopicPartition, Long> ends =
        admin
            .listOffsets(
                partitions.stream()
                    .collect(Collectors.toMap(each -> each, _ -> OffsetSpec.latest())),
                new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
            .all()
            .get()
            .entrySet()
            .stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
    return new Growth(System.nanoTime(), ends);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
