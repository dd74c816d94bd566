package dev.koalja.gateway.link;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Puts the records of several partitions in one order, by time of append: a consumer hands on what
 * it has of one partition before it turns to the next. Within a partition their order stays what it
 * is, whatever their times are. Not thread-safe.
 *
 * <p>A record has to wait until each partition of which more is to come shows its next one. What
 * may pile up meanwhile is bounded by leaving out the partitions that are {@link #ahead}.
 */
final class ByTime {
  /** What a record takes in memory beside key and value: its headers, itself. */
  private static final int EACH = 1024;

  private final Map<TopicPartition, Waiting> waiting = new HashMap<>();
  private final long enough;

  /** What waits of one partition: at least one record. */
  private static final class Waiting {
    private final Deque<ConsumerRecord<byte[], byte[]>> records = new ArrayDeque<>();
    private long bytes;

    private void add(ConsumerRecord<byte[], byte[]> record) {
      records.add(record);
      bytes += EACH + Newest.size(record);
    }

    private ConsumerRecord<byte[], byte[]> first() {
      return records.getFirst();
    }

    private ConsumerRecord<byte[], byte[]> take() {
      ConsumerRecord<byte[], byte[]> first = records.removeFirst();
      bytes -= EACH + Newest.size(first);
      return first;
    }
  }

  /**
   * @param enough how many bytes of a partition wait at most, beside what one more poll brings
   */
  ByTime(long enough) {
    this.enough = enough;
  }

  /** Takes the next record of its partition. */
  void add(ConsumerRecord<byte[], byte[]> record) {
    waiting.computeIfAbsent(partition(record), _ -> new Waiting()).add(record);
  }

  private static TopicPartition partition(ConsumerRecord<byte[], byte[]> record) {
    return new TopicPartition(record.topic(), record.partition());
  }

  /**
   * Takes out the record whose turn it is; empty when one that is older may still come.
   *
   * @param unfinished the partitions of which more is to come
   */
  Optional<ConsumerRecord<byte[], byte[]>> next(Set<TopicPartition> unfinished) {
    if (!waiting.keySet().containsAll(unfinished)) {
      return Optional.empty();
    }
    Optional<ConsumerRecord<byte[], byte[]>> next =
        waiting.values().stream()
            .min(Comparator.comparing(Waiting::first, Newest.OLDEST_FIRST))
            .map(Waiting::take);
    waiting.values().removeIf(each -> each.records.isEmpty());
    return next;
  }

  /** The partitions of which enough waits. */
  Set<TopicPartition> ahead() {
    return waiting.entrySet().stream()
        .filter(each -> each.getValue().bytes >= enough)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }
}
