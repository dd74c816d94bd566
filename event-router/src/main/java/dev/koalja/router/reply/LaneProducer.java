package dev.koalja.router.reply;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The transactional producer of a lane, with the handling of its errors in one place. Its id is
 * stable, so that a successor ends what a killed router left open. Used by the lane's thread only.
 */
public final class LaneProducer implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LaneProducer.class);
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MAX_BLOCK = Duration.ofSeconds(10);
  private static final int MAX_REQUEST_BYTES = 32 * 1024 * 1024;

  private final String bootstrapServers;
  private final String transactionalId;
  private final Admin admin;
  private @Nullable KafkaProducer<byte[], byte[]> producer;
  private boolean commitUnknown;
  private volatile boolean closed;

  /** Fences whoever had the id before and ends its transaction. */
  public LaneProducer(String bootstrapServers, String transactionalId, Admin admin) {
    this.bootstrapServers = bootstrapServers;
    this.transactionalId = transactionalId;
    this.admin = admin;
    this.producer = open();
  }

  private KafkaProducer<byte[], byte[]> open() {
    Properties settings = new Properties();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, transactionalId);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION_TIMEOUT.toMillis());
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) MAX_BLOCK.toMillis());
    // the defaults, 100 ms and 1 s, are what small transactions would mostly wait for
    settings.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
    settings.put(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 20);
    settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    KafkaProducer<byte[], byte[]> opened =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      opened.initTransactions();
      return opened;
    } catch (KafkaException e) {
      opened.close(Duration.ZERO);
      throw e;
    }
  }

  private KafkaProducer<byte[], byte[]> producer() {
    KafkaProducer<byte[], byte[]> current = producer;
    if (current == null) {
      current = open();
      producer = current;
    }
    return current;
  }

  void begin() {
    commitUnknown = false;
    producer().beginTransaction();
  }

  Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
    return producer().send(record);
  }

  void sendOffsets(Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
    producer().sendOffsetsToTransaction(offsets, group);
  }

  void commit() {
    while (true) {
      try {
        commitUnknown = true;
        producer().commitTransaction();
        commitUnknown = false;
        return;
      } catch (TimeoutException e) {
        // the outcome is open; asking again is the only way to learn it
        if (closed) {
          throw e;
        }
        LOG.warnf("commit not answered in time, asked again: %s", e.getMessage());
      }
    }
  }

  void abort() {
    try {
      producer().abortTransaction();
    } catch (KafkaException e) {
      replace(e);
    }
  }

  /**
   * After an error: ends the transaction one way or the other.
   *
   * @param offsets what the transaction would have committed
   * @return whether it turns out to have been committed
   */
  boolean recover(
      KafkaException cause, Map<? extends Group, Map<TopicPartition, OffsetAndMetadata>> offsets) {
    if (cause instanceof InterruptException) {
      Thread.currentThread().interrupt();
    }
    boolean unknown = commitUnknown;
    try {
      producer().abortTransaction();
      return false;
    } catch (KafkaException e) {
      replace(e);
    }
    return unknown && isCommitted(offsets);
  }

  private void replace(KafkaException cause) {
    LOG.warnf("producer %s is replaced: %s", transactionalId, cause.getMessage());
    KafkaProducer<byte[], byte[]> old = producer;
    producer = null;
    if (old != null) {
      old.close(Duration.ZERO);
    }
    while (producer == null && !closed) {
      try {
        producer = open(); // completes or aborts what was open
      } catch (KafkaException e) {
        LOG.warnf("producer %s cannot be opened yet: %s", transactionalId, e.getMessage());
      }
    }
  }

  private boolean isCommitted(
      Map<? extends Group, Map<TopicPartition, OffsetAndMetadata>> expected) {
    Map<String, ListConsumerGroupOffsetsSpec> groups = new HashMap<>();
    expected.forEach(
        (group, offsets) ->
            groups.put(
                group.name(),
                new ListConsumerGroupOffsetsSpec().topicPartitions(offsets.keySet())));
    while (!closed) {
      try {
        Map<String, Map<TopicPartition, OffsetAndMetadata>> committed =
            admin
                .listConsumerGroupOffsets(
                    groups, new ListConsumerGroupOffsetsOptions().requireStable(true))
                .all()
                .get(10, TimeUnit.SECONDS);
        return expected.entrySet().stream()
            .allMatch(
                entry ->
                    entry.getValue().entrySet().stream()
                        .allMatch(
                            each ->
                                each.getValue()
                                    .equals(
                                        committed
                                            .getOrDefault(entry.getKey().name(), Map.of())
                                            .get(each.getKey()))));
      } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
        LOG.warnf("cannot learn yet whether a transaction was committed: %s", e.getMessage());
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return false;
  }

  @Override
  public void close() {
    closed = true;
    KafkaProducer<byte[], byte[]> current = producer;
    if (current != null) {
      current.close(Duration.ofSeconds(2));
    }
  }
}
