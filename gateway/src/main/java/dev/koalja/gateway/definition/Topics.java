package dev.koalja.gateway.definition;

import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Task;
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
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The topics a pipeline needs: links, journal, the dead-letter, retry and quarantine topic of each
 * reader, and what a joining task keeps. Creates what is missing, grows links that grew, deletes
 * nothing.
 */
final class Topics {
  /** Dead letters live as long as the journal, which says what became of them. */
  static final Duration JOURNAL_RETENTION = Duration.ofDays(7);

  /** Partitions that are made at once; Kafka takes 10,000. */
  private static final int PORTION = 500;

  private static final int LED_LIMIT = (int) Duration.ofSeconds(30).toMillis();
  private static final Duration LED_PAUSE = Duration.ofMillis(50);

  private static final int LINK_MESSAGE_BYTES = 8 << 20;

  /** A dead letter is an event and why it is there, so it needs more room than the event had. */
  private static final int INTERNAL_MESSAGE_BYTES = 9 << 20;

  /** An event that waits for a snapshot stands there as JSON, its bytes in base 64. */
  private static final int WAITING_MESSAGE_BYTES = 12 << 20;

  /** State changes with every arrival: old segments are compacted soon, and restoring is quick. */
  private static final Duration STATE_SEGMENT = Duration.ofHours(1);

  private static final String STATE_DIRTY_RATIO = "0.1";

  /** Kafka forgets whole segments, and not the one that is written: so there are several. */
  private static final int SEGMENTS_KEPT = 4;

  private static final Duration SHORTEST_SEGMENT = Duration.ofMinutes(1);
  private static final Duration LONGEST_SEGMENT = Duration.ofDays(7);

  /** What follows from how long records are kept. */
  private static final Set<String> KEEPING =
      Set.of(TopicConfig.RETENTION_MS_CONFIG, TopicConfig.SEGMENT_MS_CONFIG);

  private final Admin admin;
  private final Optional<Integer> replication;

  /** Topics of the cluster of {@code kafka}. */
  Topics(Kafka kafka) {
    this.admin = kafka.admin();
    this.replication = kafka.replication();
  }

  /** How many partitions a topic has, and is to have. */
  private record Growth(String topic, int from, int to) {}

  /** A topic as it should be. */
  private record Wanted(int partitions, Map<String, String> config) {
    Wanted {
      config = Map.copyOf(config);
    }

    /** Keeps records for a time. */
    static Wanted log(int partitions, Duration retention, int messageBytes) {
      return new Wanted(
          partitions,
          Map.of(
              TopicConfig.CLEANUP_POLICY_CONFIG,
              TopicConfig.CLEANUP_POLICY_DELETE,
              TopicConfig.RETENTION_MS_CONFIG,
              Long.toString(retention.toMillis()),
              TopicConfig.SEGMENT_MS_CONFIG,
              Long.toString(segment(retention).toMillis()),
              TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
              Integer.toString(messageBytes)));
    }

    /** How long a segment is written to when little comes. */
    private static Duration segment(Duration retention) {
      Duration part = retention.dividedBy(SEGMENTS_KEPT);
      if (part.compareTo(SHORTEST_SEGMENT) < 0) {
        return SHORTEST_SEGMENT;
      }
      return part.compareTo(LONGEST_SEGMENT) > 0 ? LONGEST_SEGMENT : part;
    }

    /** Keeps the last record of each key for ever. */
    static Wanted table(int partitions, int messageBytes) {
      return new Wanted(
          partitions,
          Map.of(
              TopicConfig.CLEANUP_POLICY_CONFIG,
              TopicConfig.CLEANUP_POLICY_COMPACT,
              TopicConfig.SEGMENT_MS_CONFIG,
              Long.toString(STATE_SEGMENT.toMillis()),
              TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
              STATE_DIRTY_RATIO,
              TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
              Integer.toString(messageBytes)));
    }

    Wanted with(String name, String value) {
      Map<String, String> all = new HashMap<>(config);
      all.put(name, value);
      return new Wanted(partitions, all);
    }

    /** What a topic has to be told to keep its records as long as this one, no longer. */
    List<AlterConfigOp> keeping(Config have) {
      return config.entrySet().stream()
          .filter(each -> KEEPING.contains(each.getKey()))
          .filter(
              each -> {
                ConfigEntry now = have.get(each.getKey());
                return now != null && !each.getValue().equals(now.value());
              })
          .map(
              each ->
                  new AlterConfigOp(
                      new ConfigEntry(each.getKey(), each.getValue()), AlterConfigOp.OpType.SET))
          .toList();
    }
  }

  private static Map<String, Wanted> wanted(Pipeline pipeline) {
    Map<String, Wanted> topics = new LinkedHashMap<>();
    for (Link link : pipeline.links()) {
      topics.put(
          TopicName.link(pipeline.name(), link.name()),
          Wanted.log(link.partitions(), link.retention(), LINK_MESSAGE_BYTES));
    }
    Wanted internal = Wanted.log(1, JOURNAL_RETENTION, INTERNAL_MESSAGE_BYTES);
    topics.put(TopicName.journal(pipeline.name()), internal);
    topics.put(TopicName.parked(pipeline.name()), Wanted.table(1, INTERNAL_MESSAGE_BYTES));
    for (Reader reader : pipeline.readers()) {
      if (reader.stage() == Reader.Stage.ASSEMBLY) {
        // its events come from the intake, which has dead letters of its own
        topics.put(
            TopicName.quarantine(reader),
            Wanted.log(1, JOURNAL_RETENTION, WAITING_MESSAGE_BYTES + LINK_MESSAGE_BYTES));
      } else {
        topics.put(TopicName.deadLetter(reader), internal);
        topics.put(TopicName.quarantine(reader), internal);
      }
      if (reader.readsLink()) {
        // what reads a topic of its task has its letters back there
        topics.put(TopicName.retry(reader), internal);
      }
    }
    for (Task task : pipeline.tasks()) {
      task.snapshot()
          .ifPresent(snapshot -> topics.putAll(ofSnapshots(pipeline.name(), task, snapshot)));
    }
    return topics;
  }

  private static Map<String, Wanted> ofSnapshots(
      PipelineName pipeline, Task task, Snapshot snapshot) {
    int partitions = snapshot.partitions();
    Map<String, Wanted> topics = new LinkedHashMap<>();
    topics.put(
        // when an event arrived decides about timeouts, so it must not depend on anybody's clock
        // but that of the partition's leader
        TopicName.arrivals(pipeline, task.name()),
        Wanted.log(partitions, JOURNAL_RETENTION, WAITING_MESSAGE_BYTES)
            .with(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"));
    topics.put(
        TopicName.state(pipeline, task.name()), Wanted.table(partitions, WAITING_MESSAGE_BYTES));
    topics.put(
        TopicName.snapshots(pipeline, task.name()),
        Wanted.log(partitions, JOURNAL_RETENTION, INTERNAL_MESSAGE_BYTES));
    if (snapshot.keyedState()) {
      topics.put(
          TopicName.keyedState(pipeline, task.name()),
          Wanted.table(partitions, INTERNAL_MESSAGE_BYTES));
    }
    return topics;
  }

  /**
   * Makes the topics of {@code pipeline} as they should be; what comes next may ask for them.
   *
   * @return how many partitions each of them has
   * @throws KoaljaException {@link ErrorCode#INVALID_PIPELINE} when a link would lose partitions,
   *     or what waits for a snapshot would have to change its partition: nothing has been changed
   *     then
   */
  Map<String, Integer> ensure(Pipeline pipeline) throws InterruptedException {
    Map<String, Wanted> wanted = wanted(pipeline);
    Map<String, Integer> partitions = partitions(wanted.keySet());
    requirePossible(pipeline, wanted, partitions);
    Replication copies = Replication.of(replication, admin);
    List<NewTopic> missing = new ArrayList<>();
    List<Growth> growing = new ArrayList<>();
    wanted.forEach(
        (name, topic) -> {
          Integer have = partitions.get(name);
          if (have == null) {
            missing.add(copies.topic(name, topic.partitions(), topic.config()));
          } else if (have < topic.partitions() && TopicName.linkOf(name).isPresent()) {
            growing.add(new Growth(name, have, topic.partitions()));
          }
        });
    for (List<NewTopic> portion : portions(missing, NewTopic::numPartitions)) {
      create(portion);
    }
    for (List<Growth> portion : portions(growing, each -> each.to() - each.from())) {
      grow(portion);
    }
    retention(wanted, partitions.keySet());
    Map<String, Integer> all = new HashMap<>(partitions);
    wanted.forEach((name, topic) -> all.merge(name, topic.partitions(), Math::max));
    return all;
  }

  /** Kafka refuses requests for very many partitions, and answers before a broker has them. */
  private static <T> List<List<T>> portions(Collection<T> topics, ToIntFunction<T> partitions) {
    List<List<T>> portions = new ArrayList<>();
    int sum = PORTION;
    for (T topic : topics) {
      int more = partitions.applyAsInt(topic);
      if (sum + more > PORTION) {
        portions.add(new ArrayList<>());
        sum = 0;
      }
      portions.getLast().add(topic);
      sum += more;
    }
    return portions;
  }

  private void grow(List<Growth> topics) throws InterruptedException {
    Map<String, NewPartitions> growing = new HashMap<>();
    Map<TopicPartition, OffsetSpec> made = new HashMap<>();
    for (Growth topic : topics) {
      growing.put(topic.topic(), NewPartitions.increaseTo(topic.to()));
      for (int partition = topic.from(); partition < topic.to(); partition++) {
        made.put(new TopicPartition(topic.topic(), partition), OffsetSpec.latest());
      }
    }
    get(admin.createPartitions(growing).all());
    awaitLed(made);
  }

  private void create(List<NewTopic> topics) throws InterruptedException {
    CreateTopicsResult creating = admin.createTopics(topics);
    Map<TopicPartition, OffsetSpec> made = new HashMap<>();
    for (NewTopic topic : topics) {
      try {
        get(creating.topicId(topic.name()));
      } catch (TopicExistsException _) {
        continue; // another gateway was faster
      }
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        made.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    awaitLed(made);
  }

  /**
   * Returns once every partition is led: what comes next may ask for them, and does not pile up on
   * brokers that are still busy making these.
   */
  private void awaitLed(Map<TopicPartition, OffsetSpec> partitions) throws InterruptedException {
    long begin = System.nanoTime();
    while (true) {
      try {
        get(admin.listOffsets(partitions, new ListOffsetsOptions().timeoutMs(LED_LIMIT)).all());
        return;
      } catch (UnknownTopicOrPartitionException e) { // the broker that was asked is behind
        if (System.nanoTime() - begin > Duration.ofMillis(LED_LIMIT).toNanos()) {
          throw e;
        }
        Thread.sleep(LED_PAUSE);
      }
    }
  }

  private static void requirePossible(
      Pipeline pipeline, Map<String, Wanted> wanted, Map<String, Integer> partitions) {
    List<String> problems = new ArrayList<>(shrinking(wanted, partitions));
    pipeline.tasks().forEach(task -> problems.addAll(moving(pipeline, task, partitions)));
    if (!problems.isEmpty()) {
      throw new KoaljaException(
          ErrorCode.INVALID_PIPELINE,
          "pipeline %s: %s".formatted(pipeline.name(), String.join("; ", problems)));
    }
  }

  /** What waits stands in the partition of its key, so the number of partitions is for ever. */
  private static List<String> moving(
      Pipeline pipeline, Task task, Map<String, Integer> partitions) {
    if (task.snapshot().isEmpty()) {
      return List.of();
    }
    int wanted = task.snapshot().get().partitions();
    List<String> topics =
        List.of(
            TopicName.arrivals(pipeline.name(), task.name()),
            TopicName.state(pipeline.name(), task.name()),
            TopicName.keyedState(pipeline.name(), task.name()),
            TopicName.snapshots(pipeline.name(), task.name()));
    return topics.stream()
        .filter(topic -> partitions.getOrDefault(topic, wanted) != wanted)
        .findFirst()
        .map(
            topic ->
                ("tasks.%s.snapshot.correlate needs %s, and what waits is kept in %s already, which"
                        + " cannot be moved: give the task another name, or delete the topics %s")
                    .formatted(
                        task.name(),
                        count(wanted),
                        partitions.get(topic),
                        topics.stream()
                            .filter(partitions::containsKey)
                            .collect(Collectors.joining(", "))))
        .stream()
        .toList();
  }

  private static String count(int partitions) {
    return partitions == 1 ? "1 partition" : partitions + " partitions";
  }

  private static List<String> shrinking(
      Map<String, Wanted> wanted, Map<String, Integer> partitions) {
    return wanted.entrySet().stream()
        .filter(each -> partitions.getOrDefault(each.getKey(), 0) > each.getValue().partitions())
        .filter(each -> TopicName.linkOf(each.getKey()).isPresent())
        .map(
            each ->
                "links.%s.partitions is %d, its topic has %d already: keys would change places, so partitions can only grow"
                    .formatted(
                        TopicName.linkOf(each.getKey()).orElse(""),
                        each.getValue().partitions(),
                        partitions.get(each.getKey())))
        .toList();
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
              List<AlterConfigOp> change = topic == null ? List.of() : topic.keeping(config);
              if (!change.isEmpty()) {
                changes.put(resource, change);
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
