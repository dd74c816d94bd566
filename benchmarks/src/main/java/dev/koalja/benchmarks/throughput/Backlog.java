package dev.koalja.benchmarks.throughput;

import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Puts events on a topic, all visible at one moment: they are one transaction, and whoever reads
 * committed sees none before {@link #release}. So a reader that runs can be given a backlog.
 */
final class Backlog implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;

  Backlog(String bootstrapServers) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "backlog");
    properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 120_000);
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
    properties.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
  }

  /** Writes events {@code first} to {@code first + count - 1}; nobody sees them yet. */
  void write(String topic, long first, int count) {
    producer.beginTransaction();
    for (int i = 0; i < count; i++) {
      producer.send(Event.record(topic, first + i));
    }
    producer.flush();
  }

  /** Lets everybody see them. */
  void release() {
    producer.commitTransaction();
  }

  @Override
  public void close() {
    producer.close();
  }
}
