package dev.koalja.gateway.definition;

import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Clients of the Kafka cluster for what no channel does: topics, positions, transactions, looking
 * into topics. Thread-safe; the clients it makes are not, and their callers close them.
 */
@ApplicationScoped
public class Kafka {
  /**
   * How long the broker keeps a fetch of somebody who only looks, when there is no more. It answers
   * in turn: whatever that client asks next waits behind it, and so does its end.
   */
  static final int FETCH_WAIT_MS = 20;

  private final Map<String, Object> common;
  private final Admin admin;
  private final Optional<Integer> replication;

  Kafka(
      @Identifier("default-kafka-broker") Map<String, Object> common,
      @ConfigProperty(name = Replication.SETTING) Optional<Integer> replication) {
    this.replication = replication;
    Map<String, Object> own = new HashMap<>(common);
    // what channels need and plain clients only warn about
    own.keySet().removeIf(key -> key.startsWith("quarkus.") || key.equals("group.id"));
    this.common = Map.copyOf(own);
    Map<String, Object> config = new HashMap<>(own);
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    this.admin = Admin.create(config);
  }

  /** The one admin client; not to be closed. */
  public Admin admin() {
    return admin;
  }

  /** How many copies of each record an operator wants; empty: as the cluster allows. */
  Optional<Integer> replication() {
    return replication;
  }

  /** What every client is configured with. */
  public Map<String, Object> common() {
    return common;
  }

  /** A consumer outside any group that sees committed records only. */
  public KafkaConsumer<byte[], byte[]> reader() {
    Map<String, Object> config = new HashMap<>(common);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 << 20);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MS);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** A transactional producer. {@code initTransactions} has not been called. */
  public KafkaProducer<byte[], byte[]> transactional(String transactionalId) {
    Map<String, Object> config = new HashMap<>(common);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 9_000);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    config.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 5);
    config.put(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 20);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 8 << 20);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  void stop(@Observes ShutdownEvent event) {
    admin.close(Duration.ofSeconds(1));
  }
}
