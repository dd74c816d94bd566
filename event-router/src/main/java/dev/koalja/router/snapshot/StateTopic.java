package dev.koalja.router.snapshot;

import dev.koalja.router.link.HeldException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The compacted topic that keeps what waits to become a snapshot. */
final class StateTopic {
  private static final byte[] MARKER = "koalja-format".getBytes(StandardCharsets.UTF_8);
  private static final byte[] FORMAT = {'1'};

  /** Without any progress for so long, somebody else has to be asked. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private StateTopic() {}

  /** The first record of every partition that was ever written. */
  static ProducerRecord<byte[], byte[]> marker(String topic, int partition) {
    return new ProducerRecord<>(topic, partition, MARKER, FORMAT);
  }

  /**
   * Reads a partition into an assembly.
   *
   * @param written whether there has to be something
   * @return whether the partition is marked already
   * @throws HeldException when what was there is gone, or is in a format of another version
   */
  static boolean restore(
      String bootstrapServers, TopicPartition partition, boolean written, Assembly assembly)
      throws HeldException {
    boolean marked = false;
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrapServers, "read_committed")) {
      List<TopicPartition> one = List.of(partition);
      consumer.assign(one);
      if (consumer.beginningOffsets(one, LIMIT).getOrDefault(partition, 0L) > 0) {
        throw new HeldException("the state of %s is cut off at its beginning".formatted(partition));
      }
      consumer.seekToBeginning(one);
      long end = end(bootstrapServers, partition);
      Instant until = Instant.now().plus(LIMIT);
      long position = consumer.position(partition, LIMIT);
      // to the very end, not to what is committed yet: the offsets of a transaction can be
      // readable before its other records are
      while (position < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          if (Arrays.equals(record.key(), MARKER)) {
            check(record, partition);
            marked = true;
          } else {
            assembly.restore(new StateRecord(record.key(), record.value()));
          }
        }
        long before = position;
        position = consumer.position(partition, LIMIT);
        if (position > before) {
          until = Instant.now().plus(LIMIT);
        } else if (Instant.now().isAfter(until)) {
          throw new TimeoutException("the state of %s cannot be read".formatted(partition));
        }
      }
    } catch (IllegalStateException e) {
      throw new HeldException("the state of %s: %s".formatted(partition, e.getMessage()));
    }
    if (written && !marked) {
      throw new HeldException(
          "the state of %s is gone: what waited there cannot be completed".formatted(partition));
    }
    assembly.restored();
    return marked;
  }

  private static void check(ConsumerRecord<byte[], byte[]> record, TopicPartition partition)
      throws HeldException {
    if (!Arrays.equals(record.value(), FORMAT)) {
      throw new HeldException(
          "the state of %s was written by another version of Koalja".formatted(partition));
    }
  }

  private static long end(String bootstrapServers, TopicPartition partition) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrapServers, "read_uncommitted")) {
      return consumer.endOffsets(List.of(partition), LIMIT).getOrDefault(partition, 0L);
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String servers, String isolation) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    properties.put(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, 20);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
