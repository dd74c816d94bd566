package dev.koalja.benchmarks.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The least that is exactly once with Kafka: poll, transform, produce, offsets, commit, over and
 * over in one thread. No function process, no journal, no retries, no order of completion: the
 * ceiling. Set up to be fast: batches as large as polls bring them, and our own producer's short
 * back-offs between transactions.
 */
public final class BareLoop implements AutoCloseable {
  private final String name;
  private final List<String> inputs;
  private final Transformation transformation;
  private final Properties common = new Properties();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread thread;
  private volatile boolean running = true;

  /** What is done with a record. */
  @FunctionalInterface
  public interface Transformation {
    /** What is to be produced, if anything. */
    Optional<ProducerRecord<byte[], byte[]>> of(ConsumerRecord<byte[], byte[]> record);
  }

  /** Begins to read {@code inputs}; {@code name} is that of its group and its transactions. */
  public BareLoop(
      String bootstrapServers, String name, List<String> inputs, Transformation transformation) {
    this.name = name;
    this.inputs = List.copyOf(inputs);
    this.transformation = transformation;
    common.put("bootstrap.servers", bootstrapServers);
    thread =
        Thread.ofPlatform()
            .name(name)
            .uncaughtExceptionHandler((_, e) -> failure.set(e))
            .start(this::run);
  }

  /** Fails when the loop has. */
  public void check() {
    if (failure.get() != null) {
      throw new IllegalStateException("the bare loop failed", failure.get());
    }
  }

  private void run() {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer();
        KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.initTransactions();
      consumer.subscribe(inputs);
      while (running) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
        if (records.isEmpty()) {
          continue;
        }
        producer.beginTransaction();
        for (ConsumerRecord<byte[], byte[]> record : records) {
          transformation.of(record).ifPresent(producer::send);
        }
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>(records.nextOffsets());
        producer.sendOffsetsToTransaction(positions, consumer.groupMetadata());
        producer.commitTransaction();
      }
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Properties properties = new Properties();
    properties.putAll(common);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, name);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
    properties.put(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, 20);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private KafkaProducer<byte[], byte[]> producer() {
    Properties properties = new Properties();
    properties.putAll(common);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, name);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
    properties.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
    properties.put(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 20);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public void close() {
    running = false;
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
