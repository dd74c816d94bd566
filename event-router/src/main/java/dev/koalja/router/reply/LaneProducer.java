package dev.koalja.router.reply;

import dev.koalja.router.kafka.KafkaCluster;
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
 *
 * <p>Not final for the tests, which break its promises on purpose to see that the audit notices.
 */
public class LaneProducer implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LaneProducer.class);
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MAX_BLOCK = Duration.ofSeconds(10);
  private static final Duration UNDECIDED_PAUSE = Duration.ofMillis(50);
  private static final int BATCH_BYTES = 256 * 1024;
  private static final int MAX_REQUEST_BYTES = 32 * 1024 * 1024;

  private final KafkaCluster kafka;
  private final String transactionalId;
  private final Admin admin;
  private @Nullable KafkaProducer<byte[], byte[]> producer;
  private boolean commitUnknown;
  private volatile boolean closed;

  /** Fences whoever had the id before and ends its transaction. */
  public LaneProducer(KafkaCluster kafka, String transactionalId, Admin admin) {
    this.kafka = kafka;
    this.transactionalId = transactionalId;
    this.admin = admin;
    this.producer = open();
  }

  private KafkaProducer<byte[], byte[]> open() {
    Properties settings = kafka.properties();
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, transactionalId);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    // a commit sends what there is at once; until then larger batches cost everybody less
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
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
    } catch (RuntimeException e) {
      replace(e);
    }
  }

  /**
   * After an error: ends the transaction one way or the other.
   *
   * @param offsets what the transaction would have committed, of partitions that are still owned
   * @return whether it turns out to have been committed
   */
  boolean recover(RuntimeException cause, Map<? extends Position, OffsetAndMetadata> offsets) {
    if (cause instanceof InterruptException) {
      Thread.currentThread().interrupt();
    }
    boolean unknown = commitUnknown;
    try {
      producer().abortTransaction();
      return false;
    } catch (RuntimeException e) {
      replace(e);
    }
    return unknown && isCommitted(offsets);
  }

  private boolean ended() {
    return closed || Thread.currentThread().isInterrupted();
  }

  private void replace(RuntimeException cause) {
    LOG.warnf("producer %s is replaced: %s", transactionalId, cause.getMessage());
    KafkaProducer<byte[], byte[]> old = producer;
    producer = null;
    if (old != null) {
      closeQuietly(old, Duration.ZERO);
    }
    while (producer == null && !ended()) {
      try {
        producer = open(); // completes or aborts what was open
      } catch (KafkaException e) {
        LOG.warnf("producer %s cannot be opened yet: %s", transactionalId, e.getMessage());
      }
    }
  }

  private static void closeQuietly(KafkaProducer<byte[], byte[]> producer, Duration limit) {
    try {
      producer.close(limit);
    } catch (RuntimeException e) {
      LOG.debugf("a producer did not close well: %s", e.getMessage());
    }
  }

  private boolean isCommitted(Map<? extends Position, OffsetAndMetadata> expected) {
    Map<String, Map<TopicPartition, OffsetAndMetadata>> groups = new HashMap<>();
    expected.forEach(
        (position, offset) ->
            groups
                .computeIfAbsent(position.group().name(), _ -> new HashMap<>())
                .put(position.partition(), offset));
    while (!ended()) {
      try {
        boolean decided = true;
        boolean committed = true;
        for (Map.Entry<String, Map<TopicPartition, OffsetAndMetadata>> group : groups.entrySet()) {
          Map<TopicPartition, OffsetAndMetadata> found =
              admin
                  .listConsumerGroupOffsets(
                      Map.of(
                          group.getKey(),
                          new ListConsumerGroupOffsetsSpec()
                              .topicPartitions(group.getValue().keySet())),
                      new ListConsumerGroupOffsetsOptions().requireStable(true))
                  .partitionsToOffsetAndMetadata(group.getKey())
                  .get(10, TimeUnit.SECONDS);
          for (Map.Entry<TopicPartition, OffsetAndMetadata> each : group.getValue().entrySet()) {
            OffsetAndMetadata there = found.get(each.getKey());
            // absent means undecided: every partition we own has a position
            decided &= there != null;
            committed &= isSame(each.getValue(), there);
          }
        }
        if (decided) {
          return committed;
        }
        Thread.sleep(UNDECIDED_PAUSE);
      } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
        LOG.warnf("cannot learn yet whether a transaction was committed: %s", e.getMessage());
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    return false;
  }

  private static boolean isSame(OffsetAndMetadata expected, @Nullable OffsetAndMetadata there) {
    return there != null
        && there.offset() == expected.offset()
        && there.metadata().equals(expected.metadata());
  }

  /** From another thread: ends every waiting for Kafka soon. */
  void stop() {
    closed = true;
  }

  @Override
  public void close() {
    closed = true;
    KafkaProducer<byte[], byte[]> current = producer;
    if (current != null) {
      closeQuietly(current, Duration.ofSeconds(2));
    }
  }
}
