package dev.koalja.router.memory;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;

/** Topics as lists. Each has one partition, so that the order is the one of appending. */
final class MemoryLog {
  private final Map<String, List<ConsumerRecord<byte[], byte[]>>> topics = new HashMap<>();

  void append(ProducerRecord<byte[], byte[]> record, Instant now) {
    List<ConsumerRecord<byte[], byte[]>> topic =
        topics.computeIfAbsent(record.topic(), _ -> new ArrayList<>());
    topic.add(
        new ConsumerRecord<>(
            record.topic(),
            0,
            topic.size(),
            now.toEpochMilli(),
            TimestampType.CREATE_TIME,
            record.key() == null ? -1 : record.key().length,
            record.value() == null ? -1 : record.value().length,
            record.key(),
            record.value(),
            record.headers(),
            Optional.empty()));
  }

  List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    return Collections.unmodifiableList(topics.getOrDefault(topic, List.of()));
  }

  /** The record at an offset, when there is one. */
  Optional<ConsumerRecord<byte[], byte[]>> at(String topic, int offset) {
    List<ConsumerRecord<byte[], byte[]>> records = read(topic);
    return offset < records.size() ? Optional.of(records.get(offset)) : Optional.empty();
  }
}
