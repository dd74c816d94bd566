package dev.koalja.gateway.definition;

import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The topics a pipeline needs: links, journal, and the dead-letter, retry and quarantine topic of
 * each reader. Creates what is missing, grows what grew, deletes nothing.
 */
final class Topics {
  /** Dead letters live as long as the journal, which says what became of them. */
  static final Duration JOURNAL_RETENTION = Duration.ofDays(7);

  private static final int LINK_MESSAGE_BYTES = 8 << 20;

  /** A dead letter is an event and why it is there, so it needs more room than the event had. */
  private static final int INTERNAL_MESSAGE_BYTES = 9 << 20;

  private final Admin admin;
  private final Optional<Integer> replication;

  /** Topics of the cluster of {@code kafka}. */
  Topics(Kafka kafka) {
    this.admin = kafka.admin();
    this.replication = kafka.replication();
  }

  /** A topic as it should be. */
  private record Wanted(int partitions, Duration retention, int messageBytes) {
    Map<String, String> config() {
      return Map.of(
          TopicConfig.CLEANUP_POLICY_CONFIG,
          TopicConfig.CLEANUP_POLICY_DELETE,
          TopicConfig.RETENTION_MS_CONFIG,
          Long.toString(retention.toMillis()),
          TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
          Integer.toString(messageBytes));
    }
  }

  private static Map<String, Wanted> wanted(Pipeline pipeline) {
    Map<String, Wanted> topics = new LinkedHashMap<>();
    for (Link link : pipeline.links()) {
      topics.put(
          TopicName.link(pipeline.name(), link.name()),
          new Wanted(link.partitions(), link.retention(), LINK_MESSAGE_BYTES));
    }
    Wanted internal = new Wanted(1, JOURNAL_RETENTION, INTERNAL_MESSAGE_BYTES);
    topics.put(TopicName.journal(pipeline.name()), internal);
    for (Reader reader : pipeline.readers()) {
      topics.put(TopicName.deadLetter(reader), internal);
      topics.put(TopicName.retry(reader), internal);
      topics.put(TopicName.quarantine(reader), internal);
    }
    return topics;
  }

  /**
   * Makes the topics of {@code pipeline} as they should be.
   *
   * @throws KoaljaException {@link ErrorCode#INVALID_PIPELINE} when a link would lose partitions:
   *     nothing has been changed then
   */
  void ensure(Pipeline pipeline) throws InterruptedException {
    Map<String, Wanted> wanted = wanted(pipeline);
    Map<String, Integer> partitions = partitions(wanted.keySet());
    shrinking(pipeline, wanted, partitions);
    Replication copies = Replication.of(replication, admin);
    List<NewTopic> missing = new ArrayList<>();
    Map<String, NewPartitions> growing = new HashMap<>();
    wanted.forEach(
        (name, topic) -> {
          Integer have = partitions.get(name);
          if (have == null) {
            missing.add(copies.topic(name, topic.partitions(), topic.config()));
          } else if (have < topic.partitions()) {
            growing.put(name, NewPartitions.increaseTo(topic.partitions()));
          }
        });
    for (KafkaFuture<Void> created : admin.createTopics(missing).values().values()) {
      try {
        get(created);
      } catch (TopicExistsException _) {
        // another gateway was faster
      }
    }
    get(admin.createPartitions(growing).all());
    retention(wanted, partitions.keySet());
  }

  private void shrinking(
      Pipeline pipeline, Map<String, Wanted> wanted, Map<String, Integer> partitions) {
    List<String> problems =
        wanted.entrySet().stream()
            .filter(
                each -> partitions.getOrDefault(each.getKey(), 0) > each.getValue().partitions())
            .filter(each -> TopicName.linkOf(each.getKey()).isPresent())
            .map(
                each ->
                    "links.%s.partitions is %d, its topic has %d already: keys would change places, so partitions can only grow"
                        .formatted(
                            TopicName.linkOf(each.getKey()).orElse(""),
                            each.getValue().partitions(),
                            partitions.get(each.getKey())))
            .toList();
    if (!problems.isEmpty()) {
      throw new KoaljaException(
          ErrorCode.INVALID_PIPELINE,
          "pipeline %s: %s".formatted(pipeline.name(), String.join("; ", problems)));
    }
  }

  private void retention(Map<String, Wanted> wanted, Collection<String> existing)
      throws InterruptedException {
    List<ConfigResource> links =
        existing.stream()
            .filter(topic -> TopicName.linkOf(topic).isPresent())
            .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
            .toList();
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    get(admin.describeConfigs(links).all())
        .forEach(
            (resource, config) -> {
              Wanted topic = wanted.get(resource.name());
              ConfigEntry entry = config.get(TopicConfig.RETENTION_MS_CONFIG);
              String value = topic == null ? "" : Long.toString(topic.retention().toMillis());
              if (topic != null && entry != null && !value.equals(entry.value())) {
                changes.put(
                    resource,
                    List.of(
                        new AlterConfigOp(
                            new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, value),
                            AlterConfigOp.OpType.SET)));
              }
            });
    if (!changes.isEmpty()) {
      get(admin.incrementalAlterConfigs(changes).all());
    }
  }

  /** How many partitions the topics have that exist. */
  Map<String, Integer> partitions(Collection<String> names) throws InterruptedException {
    Map<String, Integer> partitions = new HashMap<>();
    Map<String, KafkaFuture<TopicDescription>> described =
        admin.describeTopics(names).topicNameValues();
    for (Map.Entry<String, KafkaFuture<TopicDescription>> each : described.entrySet()) {
      try {
        partitions.put(each.getKey(), get(each.getValue()).partitions().size());
      } catch (UnknownTopicOrPartitionException _) {
        // does not exist
      }
    }
    return partitions;
  }

  /** The value of {@code future}; what went wrong as Kafka's own exception. */
  static <T> T get(KafkaFuture<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    }
  }
}
