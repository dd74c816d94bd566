package dev.koalja.gateway.link;

import dev.koalja.gateway.definition.Kafka;
import dev.koalja.gateway.definition.Progress;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/** Looks into topics without being a reader of them: committed records only, no position kept. */
@ApplicationScoped
public class LinkReader {
  private static final Duration POLL = Duration.ofMillis(200);

  /** What one look at a topic may hold. */
  private static final long MOST_BYTES = 64 << 20;

  private final Kafka kafka;

  LinkReader(Kafka kafka) {
    this.kafka = kafka;
  }

  /** Takes records one by one. */
  @FunctionalInterface
  public interface RecordSink {
    /** Takes the next record. */
    void accept(ConsumerRecord<byte[], byte[]> record) throws Exception;
  }

  /** Where to begin. */
  public sealed interface From {
    /** The oldest record kept. */
    record Earliest() implements From {}

    /** What comes from now on. */
    record Latest() implements From {}

    /** The record at {@code offset} of the only partition, or the first behind it. */
    record Offset(long offset) implements From {}

    /** The last {@code count} records, by time of append; fewer when they are very large. */
    record Last(int count) implements From {}
  }

  /**
   * Hands on the records of a topic: those that are there by time of append, those that come then
   * as they come.
   *
   * @param following asked again and again once everything there was is read; false: return
   */
  public void read(String topic, From from, BooleanSupplier following, RecordSink sink)
      throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer = kafka.reader()) {
      List<TopicPartition> partitions = assign(consumer, topic);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      switch (from) {
        case From.Earliest _ -> {
          consumer.seekToBeginning(partitions);
          toTheEnd(consumer, ends, sink);
        }
        case From.Offset(long offset) -> {
          partitions.forEach(partition -> consumer.seek(partition, offset));
          toTheEnd(consumer, ends, sink);
        }
        case From.Latest _ -> ends.forEach(consumer::seek);
        case From.Last(int count) -> {
          for (ConsumerRecord<byte[], byte[]> record :
              last(consumer, partitions, ends, count, count, _ -> true)) {
            sink.accept(record);
          }
        }
      }
      while (following.getAsBoolean()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          sink.accept(record);
        }
      }
    } catch (InterruptException _) {
      throw new InterruptedException("the gateway is stopping");
    } catch (KafkaException e) {
      throw unreadable(topic, e);
    }
  }

  private static KoaljaException unreadable(String topic, KafkaException cause) {
    return new KoaljaException(
        ErrorCode.KAFKA_UNAVAILABLE, "topic %s cannot be read".formatted(topic), cause);
  }

  private static void toTheEnd(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends, RecordSink sink)
      throws Exception {
    Progress progress = new Progress();
    ByTime byTime = new ByTime(MOST_BYTES / 2 / ends.size());
    while (behind(consumer, ends)) {
      progress.at(reached(consumer, ends));
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        byTime.add(record);
      }
      handOn(byTime, unfinished(consumer, ends), sink);
      consumer.resume(consumer.paused());
      consumer.pause(byTime.ahead());
    }
    handOn(byTime, Set.of(), sink);
    consumer.resume(consumer.paused());
  }

  private static void handOn(ByTime byTime, Set<TopicPartition> unfinished, RecordSink sink)
      throws Exception {
    Optional<ConsumerRecord<byte[], byte[]>> next;
    while ((next = byTime.next(unfinished)).isPresent()) {
      sink.accept(next.get());
    }
  }

  /**
   * Those of the last records of a topic that are wanted, oldest first.
   *
   * @param searched how many records are looked at, at least
   * @param most how many of the wanted ones are kept, the newest
   */
  public List<ConsumerRecord<byte[], byte[]>> find(
      String topic, int searched, int most, Predicate<ConsumerRecord<byte[], byte[]>> wanted)
      throws InterruptedException {
    try (KafkaConsumer<byte[], byte[]> consumer = kafka.reader()) {
      List<TopicPartition> partitions = assign(consumer, topic);
      return last(consumer, partitions, consumer.endOffsets(partitions), searched, most, wanted);
    } catch (InterruptException _) {
      throw new InterruptedException("the gateway is stopping");
    } catch (KafkaException e) {
      throw unreadable(topic, e);
    }
  }

  /** The record at a place, if it is still there. */
  public Optional<ConsumerRecord<byte[], byte[]>> at(String topic, int partition, long offset) {
    try (Lookup lookup = lookup()) {
      return lookup.at(topic, partition, offset);
    }
  }

  /** For several places one after the other. Close it. */
  public Lookup lookup() {
    return new Lookup(kafka.reader());
  }

  /** Finds records by their place. Not thread-safe. */
  public static final class Lookup implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;

    private Lookup(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    /** The record at a place, if it is still there. */
    public Optional<ConsumerRecord<byte[], byte[]>> at(String topic, int partition, long offset) {
      TopicPartition place = new TopicPartition(topic, partition);
      try {
        consumer.assign(List.of(place));
        long begin = consumer.beginningOffsets(List.of(place)).getOrDefault(place, 0L);
        long end = consumer.endOffsets(List.of(place)).getOrDefault(place, 0L);
        if (offset < begin || offset >= end) {
          return Optional.empty();
        }
        consumer.seek(place, offset);
        Progress progress = new Progress();
        while (consumer.position(place) <= offset) {
          progress.at(consumer.position(place));
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            return record.offset() == offset ? Optional.of(record) : Optional.empty();
          }
        }
        return Optional.empty();
      } catch (KafkaException e) {
        throw unreadable(topic, e);
      }
    }

    @Override
    public void close() {
      consumer.close();
    }
  }

  /**
   * Looks back further and further until there are enough records: between them stand the markers
   * of transactions, so offsets do not count records.
   */
  private static List<ConsumerRecord<byte[], byte[]>> last(
      KafkaConsumer<byte[], byte[]> consumer,
      List<TopicPartition> partitions,
      Map<TopicPartition, Long> ends,
      int searched,
      int most,
      Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
    Newest newest = new Newest(most, MOST_BYTES);
    for (long window = 2L * searched + 2; ; window *= 4) {
      newest.clear();
      long seen = 0;
      boolean all = true;
      for (TopicPartition partition : partitions) {
        long begin = begins.getOrDefault(partition, 0L);
        long start = Math.max(begin, ends.getOrDefault(partition, 0L) - window);
        all &= start == begin;
        consumer.seek(partition, start);
      }
      Progress progress = new Progress();
      while (behind(consumer, ends)) {
        progress.at(reached(consumer, ends));
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          TopicPartition partition = new TopicPartition(record.topic(), record.partition());
          if (record.offset() < ends.getOrDefault(partition, 0L)) {
            seen++;
            if (wanted.test(record)) {
              newest.add(record);
            }
          }
        }
      }
      if (all || seen >= searched) {
        break;
      }
    }
    ends.forEach(consumer::seek);
    return newest.oldestFirst();
  }

  private static long reached(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.keySet().stream().mapToLong(consumer::position).sum();
  }

  private static boolean behind(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return !unfinished(consumer, ends).isEmpty();
  }

  private static Set<TopicPartition> unfinished(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .filter(end -> consumer.position(end.getKey()) < end.getValue())
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  private static List<TopicPartition> assign(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    return partitions;
  }
}
