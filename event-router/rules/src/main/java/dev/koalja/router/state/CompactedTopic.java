package dev.koalja.router.state;

import dev.koalja.router.kafka.KafkaCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads back what a router wrote to a compacted topic, by whoever owns the partition next. */
public final class CompactedTopic {
  /** Without any progress for so long, somebody else has to be asked. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private CompactedTopic() {}

  /**
   * Reads a partition from its beginning to its very end, not only to what is committed yet: the
   * offsets of a transaction can be readable before its other records are.
   *
   * @throws HeldException when it or its beginning is gone
   */
  public static void read(
      KafkaCluster kafka, TopicPartition partition, Consumer<ConsumerRecord<byte[], byte[]>> sink)
      throws HeldException {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(kafka, "read_committed")) {
      if (consumer.partitionsFor(partition.topic(), LIMIT).isEmpty()) {
        throw new HeldException("the topic %s is gone".formatted(partition.topic()));
      }
      List<TopicPartition> one = List.of(partition);
      consumer.assign(one);
      if (consumer.beginningOffsets(one, LIMIT).getOrDefault(partition, 0L) > 0) {
        throw new HeldException("the state of %s is cut off at its beginning".formatted(partition));
      }
      consumer.seekToBeginning(one);
      long end = end(kafka, partition);
      Instant until = Instant.now().plus(LIMIT);
      long position = consumer.position(partition, LIMIT);
      while (position < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(sink);
        long before = position;
        position = consumer.position(partition, LIMIT);
        if (position > before) {
          until = Instant.now().plus(LIMIT);
        } else if (Instant.now().isAfter(until)) {
          throw new TimeoutException("the state of %s cannot be read".formatted(partition));
        }
      }
    }
  }

  private static long end(KafkaCluster kafka, TopicPartition partition) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(kafka, "read_uncommitted")) {
      return consumer.endOffsets(List.of(partition), LIMIT).getOrDefault(partition, 0L);
    }
  }

  /** A consumer without a group, for reading what is there. */
  public static KafkaConsumer<byte[], byte[]> consumer(KafkaCluster kafka, String isolation) {
    Properties properties = kafka.properties();
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    properties.put(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, 20);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
