package dev.koalja.benchmarks.kafka;

import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Puts events on a topic, all visible at one moment: they are one transaction, and whoever reads
 * committed sees none before {@link #release}. So a reader that runs can be given a backlog.
 */
public final class Backlog implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;

  /** Writes to this broker. */
  public Backlog(String bootstrapServers) {
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

  /** Writes these; nobody sees them yet. */
  public void write(Stream<ProducerRecord<byte[], byte[]>> records) {
    producer.beginTransaction();
    records.forEach(producer::send);
    producer.flush();
  }

  /** Lets everybody see them. */
  public void release() {
    producer.commitTransaction();
  }

  @Override
  public void close() {
    producer.close();
  }
}
