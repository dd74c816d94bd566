package dev.koalja.router;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What stands committed on many topics, with one consumer for all. */
final class ManyTopics implements AutoCloseable {
  private final KafkaConsumer<byte[], byte[]> consumer;

  ManyTopics(String bootstrapServers) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Everything on topics now, per partition in order. */
  Map<String, List<ConsumerRecord<byte[], byte[]>>> read(Collection<String> topics) {
    var known = consumer.listTopics();
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      known
          .getOrDefault(topic, List.of())
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> left = new HashMap<>(consumer.endOffsets(partitions));
    Map<String, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
    left.values().removeIf(end -> end == 0);
    while (!left.isEmpty()) {
      consumer
          .poll(Duration.ofMillis(100))
          .forEach(each -> records.computeIfAbsent(each.topic(), _ -> new ArrayList<>()).add(each));
      left.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
    }
    return records;
  }

  /** Begins to read what comes to a topic of one partition. */
  void follow(String topic) {
    TopicPartition only = new TopicPartition(topic, 0);
    consumer.assign(List.of(only));
    consumer.seekToBeginning(List.of(only));
  }

  /** What more came since. */
  Iterable<ConsumerRecord<byte[], byte[]>> more() {
    return consumer.poll(Duration.ofMillis(100));
  }

  @Override
  public void close() {
    consumer.close();
  }
}
