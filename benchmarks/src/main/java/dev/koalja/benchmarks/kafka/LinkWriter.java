package dev.koalja.benchmarks.kafka;

import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Appends events one by one, as soon as they come, each acknowledged by all replicas. */
public final class LinkWriter implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /** Writes to this broker. */
  public LinkWriter(String bootstrapServers) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Hands an event over; waits for nothing. */
  public void write(ProducerRecord<byte[], byte[]> record) {
    producer.send(
        record,
        (_, e) -> {
          if (e != null) {
            failure.compareAndSet(null, e);
          }
        });
  }

  /** Fails when an event could not be written. */
  public void check() {
    if (failure.get() != null) {
      throw new IllegalStateException("an event was not written", failure.get());
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
