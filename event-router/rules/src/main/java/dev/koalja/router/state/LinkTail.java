package dev.koalja.router.state;

import dev.koalja.router.kafka.KafkaCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads again what stands on a link shortly before a position. */
public final class LinkTail {
  /** Without any progress for so long, somebody else has to be asked. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private LinkTail() {}

  /**
   * Reads what came within a time before the record at a position, or before now if none is there.
   *
   * @param from the position; it and what is behind is not read
   * @param offsets how far back at most, however much came within that time
   */
  public static void read(
      KafkaCluster kafka,
      TopicPartition partition,
      long from,
      Duration within,
      long offsets,
      Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        CompactedTopic.consumer(kafka, "read_committed")) {
      consumer.assign(List.of(partition));
      long since = time(consumer, partition, from) - within.toMillis();
      OffsetAndTimestamp start =
          consumer.offsetsForTimes(Map.of(partition, Math.max(0, since)), LIMIT).get(partition);
      if (start == null || start.offset() >= from) {
        return;
      }
      long position = Math.max(start.offset(), from - offsets);
      consumer.seek(partition, position);
      Instant until = Instant.now().plus(LIMIT);
      while (position < from) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          if (record.offset() < from) {
            sink.accept(record);
          }
        }
        long before = position;
        position = consumer.position(partition, LIMIT);
        if (position > before) {
          until = Instant.now().plus(LIMIT);
        } else if (Instant.now().isAfter(until)) {
          throw new TimeoutException("what stands on %s cannot be read".formatted(partition));
        }
      }
    }
  }

  /** The time of the record at a position; now when there is none yet. */
  private static long time(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long from) {
    long end = consumer.endOffsets(List.of(partition), LIMIT).getOrDefault(partition, 0L);
    consumer.seek(partition, from);
    Instant until = Instant.now().plus(LIMIT);
    while (consumer.position(partition, LIMIT) < end && Instant.now().isBefore(until)) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        return record.timestamp();
      }
    }
    return System.currentTimeMillis();
  }
}
