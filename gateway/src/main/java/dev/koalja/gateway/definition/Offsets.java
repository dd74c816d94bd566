package dev.koalja.gateway.definition;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.TopicName;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** How much stands on topics and how far readers are. Thread-safe, blocks. */
@ApplicationScoped
public class Offsets {
  private final Kafka kafka;

  Offsets(Kafka kafka) {
    this.kafka = kafka;
  }

  /**
   * What a topic keeps.
   *
   * @param partitions how many it has
   * @param offsets how many offsets it keeps: its events, and a marker per transaction and
   *     partition
   */
  public record Kept(int partitions, long offsets) {}

  /** What each of the topics keeps that exist. */
  public Map<String, Kept> kept(Collection<String> topics) throws InterruptedException {
    Map<String, Integer> partitions = new Topics(kafka).partitions(topics);
    Map<TopicPartition, Long> begins = list(partitions, OffsetSpec.earliest());
    Map<TopicPartition, Long> ends = list(partitions, OffsetSpec.latest());
    Map<String, Kept> kept = new HashMap<>();
    partitions.forEach(
        (topic, count) -> {
          long offsets = 0;
          for (TopicPartition partition : all(topic, count)) {
            offsets += ends.getOrDefault(partition, 0L) - begins.getOrDefault(partition, 0L);
          }
          kept.put(topic, new Kept(count, offsets));
        });
    return kept;
  }

  /** How many offsets each reader has still before it, by consumer group. */
  public Map<String, Long> lag(Collection<Reader> readers) throws InterruptedException {
    Map<String, Integer> partitions =
        new Topics(kafka)
            .partitions(readers.stream().map(Reader::topic).collect(Collectors.toSet()));
    // before the positions: what is appended meanwhile is not waiting yet
    Map<TopicPartition, Long> ends = list(partitions, OffsetSpec.latest());
    Map<String, Map<TopicPartition, Long>> positions = positions(readers);
    Map<String, Long> lags = new HashMap<>();
    for (Reader reader : readers) {
      String group = TopicName.group(reader);
      Map<TopicPartition, Long> mine = positions.getOrDefault(group, Map.of());
      long lag = 0;
      for (TopicPartition partition :
          all(reader.topic(), partitions.getOrDefault(reader.topic(), 0))) {
        long end = ends.getOrDefault(partition, 0L);
        lag += Math.max(0, end - mine.getOrDefault(partition, end));
      }
      lags.put(group, lag);
    }
    return lags;
  }

  /** The offset each reader goes on at on every partition it has a position on, by group. */
  public Map<String, Map<TopicPartition, Long>> positions(Collection<Reader> readers)
      throws InterruptedException {
    Map<String, ListConsumerGroupOffsetsSpec> specs =
        readers.stream()
            .collect(Collectors.toMap(TopicName::group, _ -> new ListConsumerGroupOffsetsSpec()));
    Map<String, Map<TopicPartition, Long>> positions = new HashMap<>();
    if (!specs.isEmpty()) {
      var asked = kafka.admin().listConsumerGroupOffsets(specs);
      for (String group : specs.keySet()) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        get(asked.partitionsToOffsetAndMetadata(group))
            .forEach(
                (partition, position) -> {
                  if (position != null) { // null: it has none there
                    offsets.put(partition, position.offset());
                  }
                });
        positions.put(group, offsets);
      }
    }
    return positions;
  }

  private static <T> Map<TopicPartition, T> get(KafkaFuture<Map<TopicPartition, T>> answer)
      throws InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException _) {
      return Map.of(); // a group nobody has ever been in
    }
  }

  private Map<TopicPartition, Long> list(Map<String, Integer> partitions, OffsetSpec spec)
      throws InterruptedException {
    Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
    partitions.forEach(
        (topic, count) -> all(topic, count).forEach(partition -> specs.put(partition, spec)));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    try {
      kafka
          .admin()
          .listOffsets(specs, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
          .all()
          .get()
          .forEach((partition, info) -> offsets.put(partition, info.offset()));
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    }
    return offsets;
  }

  private static List<TopicPartition> all(String topic, int count) {
    List<TopicPartition> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new TopicPartition(topic, i));
    }
    return all;
  }
}
