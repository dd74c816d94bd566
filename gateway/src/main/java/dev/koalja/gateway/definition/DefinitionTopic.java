package dev.koalja.gateway.definition;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.TopicName;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The topic all pipelines travel on: one partition, compacted. */
public final class DefinitionTopic {
  private static final TopicPartition PARTITION = new TopicPartition(TopicName.DEFINITION, 0);

  private DefinitionTopic() {}

  /**
   * Makes sure that Kafka answers and that the topic is there. Call before anything reads it, as a
   * consumer of a missing topic waits in silence.
   *
   * @param bootstrapServers {@code host:port}, several with commas
   * @param timeout for the whole of it
   * @throws KoaljaException {@link ErrorCode#KAFKA_UNAVAILABLE} with one line for people
   */
  public static void ensure(String bootstrapServers, Duration timeout) {
    ensure(
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
        Optional.empty(),
        timeout);
  }

  /**
   * The same for a cluster that wants more than an address, such as credentials.
   *
   * @param kafka settings of Kafka clients, {@code bootstrap.servers} among them
   * @param replication how many copies there shall be; empty: as the cluster allows
   */
  public static void ensure(
      Map<String, String> kafka, Optional<Integer> replication, Duration timeout) {
    int millis = (int) timeout.toMillis();
    String bootstrapServers =
        kafka.getOrDefault(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:9092");
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.min(millis, 5000));
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    Admin admin;
    try {
      admin = Admin.create(config);
    } catch (KafkaException e) {
      throw unavailable(bootstrapServers, e);
    }
    try {
      NewTopic topic =
          Replication.of(replication, admin)
              .topic(
                  TopicName.DEFINITION,
                  1,
                  Map.of(
                      TopicConfig.CLEANUP_POLICY_CONFIG,
                      TopicConfig.CLEANUP_POLICY_COMPACT,
                      TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                      "8388608"));
      admin.createTopics(List.of(topic)).all().get(millis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw unavailable(bootstrapServers, e.getCause() == null ? e : e.getCause());
      }
    } catch (TimeoutException | KafkaException e) {
      throw unavailable(bootstrapServers, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(bootstrapServers, e);
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  /**
   * The offset of the last record a reader of committed records can see; -1 when there is none. End
   * offsets do not tell: behind the last record stand the markers of transactions.
   */
  static long lastRecord(Map<String, Object> kafka) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, Kafka.FETCH_WAIT_MS);
    long last = -1;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
      Progress progress = new Progress();
      while (consumer.position(PARTITION) < end) {
        progress.at(consumer.position(PARTITION));
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          last = record.offset();
        }
      }
    }
    return last;
  }

  private static KoaljaException unavailable(String bootstrapServers, Throwable cause) {
    return new KoaljaException(
        ErrorCode.KAFKA_UNAVAILABLE,
        "no Kafka answers at %s: start one, or name another with kafka.bootstrap.servers (%s)"
            .formatted(bootstrapServers, firstLine(cause)),
        cause);
  }

  private static String firstLine(Throwable cause) {
    String message = cause.getMessage();
    return message == null
        ? cause.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}
