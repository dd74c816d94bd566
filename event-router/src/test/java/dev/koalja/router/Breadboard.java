package dev.koalja.router;

import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.koalja.knative.serving.AppStatus;
import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.Serving;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.launch.BrokerProcess;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.platform.CommittedRecords;
import dev.koalja.router.kafka.KafkaCluster;
import dev.koalja.router.link.ReaderLimits;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A real broker, real HTTP functions in this process, and routers between them, for tests. Every
 * test uses a pipeline name of its own, so tests share nothing but the broker.
 */
final class Breadboard implements AutoCloseable {
  private static final int WAITING_MESSAGE_BYTES = 12 << 20;
  private static final int TOPICS_AT_ONCE = 500;

  final BrokerProcess broker;
  final Functions functions = new Functions();
  private final Vertx vertx = Vertx.vertx();
  private final Admin admin;
  private final KafkaProducer<String, String> producer;

  Breadboard(Path folder) {
    broker = BrokerProcess.start(folder.resolve("kafka"), 0, false);
    admin = Admin.create(properties());
    Properties producing = properties();
    producing.put("acks", "all");
    producing.put("max.request.size", Integer.toString(9 << 20));
    producing.put("delivery.timeout.ms", "60000");
    producing.put("request.timeout.ms", "10000");
    producer = new KafkaProducer<>(producing, new StringSerializer(), new StringSerializer());
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    return properties;
  }

  /** Functions over HTTP; also the serving that finds them. */
  static final class Functions implements Serving {
    private final Map<String, Function> functions = new ConcurrentHashMap<>();
    private final HttpServer server;

    /** How often an instance was asked for that could not be had. */
    final AtomicInteger asked = new AtomicInteger();

    /** Tasks of which no instance can be had: whoever asks waits, until refused. */
    private final Map<String, CountDownLatch> without = new ConcurrentHashMap<>();

    Functions() {
      try {
        server =
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext("/", this::handle);
      server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
      try (exchange) {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        functions.get(exchange.getRequestURI().getPath().substring(1)).handle(exchange, body);
      }
    }

    @Override
    public void apply(Definition definition) {}

    @Override
    public void remove(String pipeline) {}

    @Override
    public void refuseWaiting(PipelineName pipeline, Task task) {
      CountDownLatch refused = without.get(pipeline + "." + task.name());
      if (refused != null) {
        refused.countDown();
      }
    }

    @Override
    public Lease acquire(PipelineName pipeline, Task task, Duration limit)
        throws InterruptedException, UnavailableException {
      CountDownLatch refused = without.get(pipeline + "." + task.name());
      if (refused != null) {
        asked.incrementAndGet();
        boolean told = refused.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        throw new UnavailableException(told ? "wired anew" : "no instance");
      }
      URI endpoint =
          URI.create(
              "http://127.0.0.1:%d/%s.%s"
                  .formatted(server.getAddress().getPort(), pipeline, task.name()));
      return new Lease() {
        @Override
        public URI endpoint() {
          return endpoint;
        }

        @Override
        public String instance() {
          return "test";
        }

        @Override
        public Optional<Duration> coldStart() {
          return Optional.empty();
        }

        @Override
        public boolean bundles() {
          return true;
        }

        @Override
        public void failed() {}

        @Override
        public void close() {}
      };
    }

    @Override
    public void prewarm(PipelineName pipeline, Task task) {}

    @Override
    public List<AppStatus> status() {
      return List.of();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  @FunctionalInterface
  interface Function {
    void handle(HttpExchange exchange, String body) throws IOException;
  }

  /** Answers with one event that carries {@code result} as data. */
  static void reply(HttpExchange exchange, String result) throws IOException {
    var headers = exchange.getResponseHeaders();
    headers.add("ce-id", exchange.getRequestHeaders().getFirst("Koalja-Invocation") + ".0");
    headers.add("ce-source", "/test");
    headers.add("ce-specversion", "1.0");
    headers.add("ce-type", "test.result");
    headers.add("content-type", "text/plain");
    byte[] bytes = result.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** The task has no instance, as when its code does not start; or it has again. */
  void withoutInstance(String pipeline, String task, boolean none) {
    if (none) {
      functions.without.put(pipeline + "." + task, new CountDownLatch(1));
    } else {
      functions.without.remove(pipeline + "." + task);
    }
  }

  /** What the task of a pipeline does. */
  void function(String pipeline, String task, Function function) {
    functions.functions.put(pipeline + "." + task, function);
  }

  /** Reads a pipeline and makes its topics and start positions, as the gateway does. */
  Definition define(String yaml) throws Exception {
    return define(yaml, Integer.MAX_VALUE);
  }

  /**
   * The same, for many tasks at once.
   *
   * @param most partitions of the topics of a joining task; each costs the broker some
   */
  Definition define(String yaml, int most) throws Exception {
    Pipeline pipeline = PipelineReader.read(new PipelineReader.Source("test", yaml));
    List<NewTopic> topics = new ArrayList<>();
    for (Link link : pipeline.links()) {
      topics.add(
          new NewTopic(TopicName.link(pipeline.name(), link.name()), link.partitions(), (short) 1));
    }
    topics.add(new NewTopic(TopicName.journal(pipeline.name()), 1, (short) 1));
    topics.add(
        new NewTopic(TopicName.parked(pipeline.name()), 1, (short) 1)
            .configs(Map.of("cleanup.policy", "compact")));
    for (Task task : pipeline.tasks()) {
      task.snapshot()
          .ifPresent(
              snapshot ->
                  topics.addAll(
                      ofSnapshots(pipeline.name(), task, Math.min(most, snapshot.partitions()))));
    }
    for (Reader reader : pipeline.readers()) {
      topics.add(new NewTopic(TopicName.deadLetter(reader), 1, (short) 1));
      if (reader.readsLink()) {
        topics.add(new NewTopic(TopicName.retry(reader), 1, (short) 1));
      }
      topics.add(new NewTopic(TopicName.quarantine(reader), 1, (short) 1));
    }
    var existing = admin.listTopics().names().get();
    List<NewTopic> missing =
        topics.stream().filter(topic -> !existing.contains(topic.name())).toList();
    for (int from = 0; from < missing.size(); from += TOPICS_AT_ONCE) {
      admin
          .createTopics(
              missing.subList(from, Math.min(missing.size(), from + TOPICS_AT_ONCE)),
              new CreateTopicsOptions().timeoutMs(120_000))
          .all()
          .get();
    }
    begin(pipeline, most);
    return new Definition(pipeline, 1);
  }

  /** Every reader has a position from the start, so that nobody has to guess one. */
  private void begin(Pipeline pipeline, int most) throws Exception {
    Map<String, Set<TopicPartition>> groups = new TreeMap<>();
    for (Reader reader : pipeline.readers()) {
      Set<TopicPartition> start = new HashSet<>();
      int partitions =
          reader.readsLink()
              ? pipeline.link(reader.input().link().value()).orElseThrow().partitions()
              : Math.min(most, reader.task().snapshot().orElseThrow().partitions());
      for (int partition = 0; partition < partitions; partition++) {
        start.add(new TopicPartition(reader.topic(), partition));
      }
      start.add(new TopicPartition(TopicName.retry(reader), 0));
      start.removeAll(committed(reader).keySet());
      if (!start.isEmpty()) {
        groups.put(TopicName.group(reader), start);
      }
    }
    if (groups.isEmpty()) {
      return;
    }
    // the broker learns of a topic a moment after the controller made it
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsMatching(e -> e.getCause() instanceof UnknownTopicOrPartitionException)
        .until(
            () -> {
              begin(groups);
              return true;
            });
  }

  private void begin(Map<String, Set<TopicPartition>> groups) throws Exception {
    Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
    groups.values().forEach(all -> all.forEach(each -> earliest.put(each, OffsetSpec.earliest())));
    var found = admin.listOffsets(earliest).all().get();
    List<KafkaFuture<Void>> begun = new ArrayList<>();
    groups.forEach(
        (group, partitions) -> {
          Map<TopicPartition, OffsetAndMetadata> start = new HashMap<>();
          partitions.forEach(
              each ->
                  start.put(each, new OffsetAndMetadata(requireNonNull(found.get(each)).offset())));
          begun.add(admin.alterConsumerGroupOffsets(group, start).all());
        });
    for (KafkaFuture<Void> each : begun) {
      each.get();
    }
  }

  private static List<NewTopic> ofSnapshots(PipelineName pipeline, Task task, int partitions) {
    return List.of(
        new NewTopic(TopicName.arrivals(pipeline, task.name()), partitions, (short) 1)
            .configs(
                Map.of(
                    "message.timestamp.type",
                    "LogAppendTime",
                    "max.message.bytes",
                    Integer.toString(WAITING_MESSAGE_BYTES))),
        new NewTopic(TopicName.state(pipeline, task.name()), partitions, (short) 1)
            .configs(
                Map.of(
                    "cleanup.policy",
                    "compact",
                    "max.message.bytes",
                    Integer.toString(WAITING_MESSAGE_BYTES))),
        new NewTopic(TopicName.keyedState(pipeline, task.name()), partitions, (short) 1)
            .configs(Map.of("cleanup.policy", "compact")),
        new NewTopic(TopicName.snapshots(pipeline, task.name()), partitions, (short) 1));
  }

  Map<TopicPartition, OffsetAndMetadata> committed(Reader reader) throws Exception {
    String group = TopicName.group(reader);
    try {
      return new HashMap<>(
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(group).get());
    } catch (ExecutionException e) {
      return Map.of();
    }
  }

  /** Forgets where a reader was, as a careless operator would. */
  void forgetPosition(Reader reader) throws Exception {
    admin.deleteConsumerGroups(List.of(TopicName.group(reader))).all().get();
  }

  EventRouter router(String slot) {
    return router(slot, 4096);
  }

  EventRouter router(String slot, int offsetMetadataCharacters) {
    return router(slot, offsetMetadataCharacters, InstantSource.system());
  }

  /** One with a clock of its own; arrivals have the broker's time whatever it says. */
  EventRouter router(String slot, InstantSource clock) {
    return router(slot, 4096, clock);
  }

  /** One that holds other limits. */
  EventRouter router(String slot, ReaderLimits limits) {
    return router(slot, 4096, InstantSource.system(), limits);
  }

  private EventRouter router(String slot, int offsetMetadataCharacters, InstantSource clock) {
    return router(slot, offsetMetadataCharacters, clock, ReaderLimits.DEFAULT);
  }

  private EventRouter router(
      String slot, int offsetMetadataCharacters, InstantSource clock, ReaderLimits limits) {
    return new EventRouter(
        new RouterSettings(
            KafkaCluster.at(broker.bootstrapServers()),
            "test",
            Optional.of(slot),
            1,
            offsetMetadataCharacters,
            8_000_000,
            limits,
            8),
        functions,
        vertx,
        new SimpleMeterRegistry(),
        clock,
        () -> {});
  }

  void send(String pipeline, String link, String key, String data) {
    send(pipeline, link, key, data, Map.of());
  }

  /** An event with attributes of its own, or others than it would have. */
  void send(String pipeline, String link, String key, String data, Map<String, String> attributes) {
    ProducerRecord<String, String> record =
        new ProducerRecord<>("koalja." + pipeline + "." + link, key, data);
    Map<String, String> headers = new TreeMap<>();
    headers.put("ce_id", "e-" + data.hashCode() + "-" + data.length());
    headers.put("ce_source", "/sender");
    headers.put("ce_specversion", "1.0");
    headers.put("ce_type", "test.event");
    headers.put("ce_partitionkey", key);
    headers.put("content-type", "text/plain");
    attributes.forEach((name, value) -> headers.put("ce_" + name, value));
    headers.forEach(
        (name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    append(record);
  }

  /** Something on a link that is no CloudEvent. */
  void sendGarbage(String pipeline, String link, String data, Map<String, String> headers) {
    ProducerRecord<String, String> record =
        new ProducerRecord<>("koalja." + pipeline + "." + link, null, data);
    headers.forEach(
        (name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    record.headers().add("x-null", null);
    append(record);
  }

  /** Something on a topic, whatever it is. */
  void append(String topic, String data) {
    append(new ProducerRecord<>(topic, null, data));
  }

  void deleteTopic(String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !admin.listTopics().names().get().contains(topic));
  }

  /** Sets where the only partition of a topic is read on, while nobody reads it. */
  void setPosition(String group, String topic, long offset) throws Exception {
    admin
        .alterConsumerGroupOffsets(
            group, Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(offset)))
        .all()
        .get();
  }

  /** Deletes the oldest records of every partition of a topic, all that are there. */
  void truncate(String topic) throws Exception {
    Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
    for (var partition :
        admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions()) {
      // -1: up to the high watermark
      all.put(new TopicPartition(topic, partition.partition()), RecordsToDelete.beforeOffset(-1));
    }
    // Kafka refuses this for a compacted topic, until somebody knows better
    ConfigResource config = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    ConfigEntry deletes = new ConfigEntry("cleanup.policy", "delete");
    admin
        .incrementalAlterConfigs(
            Map.of(config, List.of(new AlterConfigOp(deletes, AlterConfigOp.OpType.SET))))
        .all()
        .get();
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsMatching(e -> e.getCause() instanceof PolicyViolationException)
        .until(
            () -> {
              admin.deleteRecords(all).all().get();
              return true;
            });
  }

  /** Waits for Kafka's word: an append that failed unseen would look like a lost event. */
  void append(ProducerRecord<String, String> record) {
    try {
      producer.send(record).get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("not appended", e);
    }
  }

  /** Many records, whose order on a partition is theirs here. */
  void appendAll(List<ProducerRecord<byte[], byte[]>> records) {
    Properties producing = properties();
    producing.put("acks", "all");
    try (KafkaProducer<byte[], byte[]> many =
        new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      records.forEach(record -> sent.add(many.send(record)));
      many.flush();
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("not appended", e);
    }
  }

  /** Everything committed on a topic. */
  List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    return CommittedRecords.read(broker.bootstrapServers(), topic);
  }

  static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  List<InvocationRecord> journal(String pipeline) {
    return read("koalja-journal." + pipeline).stream().map(Breadboard::invocation).toList();
  }

  private static InvocationRecord invocation(ConsumerRecord<byte[], byte[]> record) {
    try {
      return Json.MAPPER.readValue(record.value(), InvocationRecord.class);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static long count(Collection<InvocationRecord> journal, Predicate<InvocationRecord> which) {
    return journal.stream().filter(which).count();
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
    admin.close(Duration.ZERO);
    functions.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    broker.close();
  }
}
