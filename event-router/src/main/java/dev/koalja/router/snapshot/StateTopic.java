package dev.koalja.router.snapshot;

import dev.koalja.router.kafka.KafkaCluster;
import dev.koalja.router.state.CompactedTopic;
import dev.koalja.router.state.HeldException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The compacted topic that keeps what waits to become a snapshot. */
final class StateTopic {
  private static final byte[] MARKER = "koalja-format".getBytes(StandardCharsets.UTF_8);
  private static final byte[] FORMAT = {'1'};

  private StateTopic() {}

  /** The first record of every partition that was ever written. */
  static ProducerRecord<byte[], byte[]> marker(String topic, int partition) {
    return new ProducerRecord<>(topic, partition, MARKER, FORMAT);
  }

  /**
   * Reads a partition that was written into an assembly.
   *
   * @param from where the arrivals are read on
   * @throws HeldException when what was there is gone, is in a format of another version, or has
   *     arrivals that are to be read again
   */
  static void restore(KafkaCluster kafka, TopicPartition partition, Assembly assembly, long from)
      throws HeldException {
    AtomicBoolean marked = new AtomicBoolean();
    try {
      CompactedTopic.read(
          kafka,
          partition,
          record -> {
            if (Arrays.equals(record.key(), MARKER)) {
              check(record);
              marked.set(true);
            } else {
              assembly.restore(new StateRecord(record.key(), record.value()));
            }
          });
    } catch (IllegalStateException e) {
      throw new HeldException("the state of %s: %s".formatted(partition, e.getMessage()));
    }
    if (!marked.get()) {
      throw new HeldException(
          "the state of %s is gone: what waited there cannot be completed".formatted(partition));
    }
    if (assembly.newestRestored() >= from) {
      throw new HeldException(
          "the state of %s has the arrival at offset %d, and arrivals are to be read from %d on: they would count twice"
              .formatted(partition, assembly.newestRestored(), from));
    }
    assembly.restored();
  }

  /**
   * Before arrivals are read from their beginning there can be no state. One that was left over
   * names arrivals that are no more, by offsets that others have now.
   *
   * @throws HeldException when there is one
   */
  static void requireNone(KafkaCluster kafka, TopicPartition partition) throws HeldException {
    AtomicBoolean some = new AtomicBoolean();
    CompactedTopic.read(kafka, partition, _ -> some.set(true));
    if (some.get()) {
      throw new HeldException(
          "the state of %s is older than the arrivals, which begin anew: it has to begin anew too"
              .formatted(partition));
    }
  }

  private static void check(ConsumerRecord<byte[], byte[]> record) {
    if (!Arrays.equals(record.value(), FORMAT)) {
      throw new IllegalStateException("it was written by another version of Koalja");
    }
  }
}
