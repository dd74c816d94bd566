package dev.koalja.gateway.definition;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.StartPosition;
import dev.koalja.pipeline.event.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jboss.logging.Logger;

/**
 * Writes where readers begin, as committed offsets, once. A partition that has a committed offset
 * keeps it: a reader that was detached goes on where it was.
 */
final class StartPositions {
  private static final Logger LOG = Logger.getLogger(StartPositions.class);

  /** Readers that are looked after side by side. */
  private static final int AT_ONCE = 32;

  private static final int COMMIT_TRIES = 100;
  private static final Duration COMMIT_PAUSE = Duration.ofMillis(50);

  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;

  /** One transaction at a time. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Uses {@code producer} between its transactions. */
  StartPositions(Admin admin, KafkaProducer<byte[], byte[]> producer) {
    this.admin = admin;
    this.producer = producer;
  }

  /** Writes what is missing for every reader of {@code pipeline}; its topics exist already. */
  void ensure(Pipeline pipeline, Map<String, Integer> partitions) throws InterruptedException {
    // each reader is several questions one after the other: a thousand readers do not queue for it
    try (ExecutorService threads =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      List<Future<?>> ensuring = new ArrayList<>();
      for (Reader reader : pipeline.readers()) {
        ensuring.add(
            threads.submit(
                () -> {
                  ensure(reader, partitions);
                  return null;
                }));
      }
      try {
        for (Future<?> each : ensuring) {
          each.get();
        }
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException cause
            ? cause
            : new org.apache.kafka.common.KafkaException(e.getCause());
      } finally {
        threads.shutdownNow(); // after an error, or an interruption, the others need not go on
      }
    }
  }

  private void ensure(Reader reader, Map<String, Integer> partitions) throws InterruptedException {
    String group = TopicName.group(reader);
    Map<TopicPartition, OffsetAndMetadata> committed = committed(group);
    String topic = reader.topic();
    Map<TopicPartition, OffsetSpec> missing = new HashMap<>();
    // a partition that came later holds nothing the reader could have wanted to pass over
    boolean grown = committed.keySet().stream().anyMatch(each -> each.topic().equals(topic));
    OffsetSpec start =
        grown || !reader.readsLink() ? OffsetSpec.earliest() : spec(reader.input().from());
    for (TopicPartition partition : all(topic, partitions)) {
      if (!committed.containsKey(partition)) {
        missing.put(partition, start);
      }
    }
    if (reader.readsLink()) {
      for (TopicPartition partition : all(TopicName.retry(reader), partitions)) {
        if (!committed.containsKey(partition)) {
          missing.put(partition, OffsetSpec.earliest());
        }
      }
    }
    if (!missing.isEmpty()) {
      write(reader, group, resolve(missing));
    }
  }

  private void write(Reader reader, String group, Map<TopicPartition, OffsetAndMetadata> offsets)
      throws InterruptedException {
    try {
      commit(group, offsets);
    } catch (UnknownMemberIdException _) {
      // the reader is at work on a link that grows: nobody but a member may commit plainly, but a
      // transaction without a member is taken, and nobody has a position there that it could undo
      LOG.infof("reader %s gets %d more partitions", reader, offsets.size());
      lock.lock();
      try {
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(offsets, new ConsumerGroupMetadata(group));
        producer.commitTransaction();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The group's coordinator may learn of a new topic a moment later than its leader. */
  private void commit(String group, Map<TopicPartition, OffsetAndMetadata> offsets)
      throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        Topics.get(admin.alterConsumerGroupOffsets(group, offsets).all());
        return;
      } catch (UnknownTopicOrPartitionException e) {
        if (tries == COMMIT_TRIES) {
          throw e;
        }
        Thread.sleep(COMMIT_PAUSE);
      }
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> committed(String group)
      throws InterruptedException {
    try {
      Map<TopicPartition, OffsetAndMetadata> committed =
          new HashMap<>(
              admin
                  .listConsumerGroupOffsets(Map.of(group, new ListConsumerGroupOffsetsSpec()))
                  .partitionsToOffsetAndMetadata(group)
                  .get());
      committed.values().removeIf(java.util.Objects::isNull);
      return committed;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Map.of();
      }
      throw new org.apache.kafka.common.KafkaException(e.getCause());
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> resolve(Map<TopicPartition, OffsetSpec> specs)
      throws InterruptedException {
    ListOffsetsOptions stable = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
    Map<TopicPartition, ListOffsetsResultInfo> found =
        Topics.get(admin.listOffsets(specs, stable).all());
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    Map<TopicPartition, OffsetSpec> nothingSince = new HashMap<>();
    found.forEach(
        (partition, info) -> {
          if (info.offset() < 0) {
            nothingSince.put(partition, OffsetSpec.latest());
          } else {
            offsets.put(partition, new OffsetAndMetadata(info.offset()));
          }
        });
    if (!nothingSince.isEmpty()) {
      Topics.get(admin.listOffsets(nothingSince, stable).all())
          .forEach(
              (partition, info) -> offsets.put(partition, new OffsetAndMetadata(info.offset())));
    }
    return offsets;
  }

  private static OffsetSpec spec(StartPosition from) {
    return switch (from) {
      case StartPosition.Earliest _ -> OffsetSpec.earliest();
      case StartPosition.Latest _ -> OffsetSpec.latest();
      case StartPosition.At(var time) -> OffsetSpec.forTimestamp(time.toEpochMilli());
    };
  }

  private static List<TopicPartition> all(String topic, Map<String, Integer> partitions) {
    List<TopicPartition> all = new ArrayList<>();
    for (int i = 0; i < partitions.getOrDefault(topic, 0); i++) {
      all.add(new TopicPartition(topic, i));
    }
    return all;
  }
}
