package dev.koalja.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.koalja.launch.BrokerProcess;
import dev.koalja.launch.Jdk;
import dev.koalja.launch.KoaljaHome;
import dev.koalja.launch.LaunchException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class KafkaBrokerIT {
  @TempDir Path dir;

  @Test
  void shouldKeepCommittedDataAndPositionsWhenKilled() throws Exception {
    try (BrokerProcess broker = BrokerProcess.start(dir.resolve("kafka"), 0, false)) {
      createTopic(broker, "wire");
      TopicPartition partition = new TopicPartition("wire", 0);
      String metadata = "x".repeat(32_767);
      KafkaProducer<String, String> producer = producer(broker);
      try (KafkaConsumer<String, String> consumer = consumer(broker)) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("wire", 0, "k", "committed"));
        producer.sendOffsetsToTransaction(
            Map.of(partition, new OffsetAndMetadata(7, metadata)), consumer.groupMetadata());
        producer.commitTransaction();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("wire", 0, "k", "never committed")).get();
      }
      broker.kill9();
      producer.close(Duration.ZERO); // it would wait for a broker to abort the transaction

      broker.restart();

      try (KafkaConsumer<String, String> consumer = consumer(broker)) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        assertThat(values(consumer)).containsExactly("committed");
        OffsetAndMetadata position = consumer.committed(Set.of(partition)).get(partition);
        assertThat(position.offset()).isEqualTo(7);
        assertThat(position.metadata()).isEqualTo(metadata);
      }
    }
    assertThat(dir.resolve("kafka/format")).hasContent("koalja-broker 1\n");
    // it never led on what its predecessor knew: transactions decided then reach no partition
    assertThat(dir.resolve("logs/kafka.log"))
        .content()
        .containsOnlyOnce("Elected as the txn coordinator for partition 0 at epoch 0")
        .contains("Elected as the txn coordinator for partition 0 at epoch 2");
  }

  /**
   * A broker that leads nothing any more calls a transaction complete whose partitions never hear
   * of its end: nobody reads on behind it, and nobody else can end it.
   */
  @RepeatedTest(2)
  void shouldLeaveNoTransactionHangingWhenItEndsWhileProducersCommit() throws Exception {
    endsWhileProducersCommit(BrokerProcess::stop);
  }

  @RepeatedTest(2)
  void shouldLeaveNoTransactionHangingWhenItsParentEndsWhileProducersCommit() throws Exception {
    endsWhileProducersCommit(
        broker -> {
          broker.process().closeInput();
          broker.process().onExit().join();
          broker.stop();
        });
  }

  private void endsWhileProducersCommit(ThrowingConsumer<BrokerProcess> end) throws Exception {
    int partitions = 8;
    int producers = 4;
    try (BrokerProcess broker = BrokerProcess.start(dir.resolve("kafka"), 0, false)) {
      try (Admin admin = Admin.create(settings(broker))) {
        admin.createTopics(List.of(new NewTopic("wire", partitions, (short) 1))).all().get();
      }
      List<Committer> committers = new ArrayList<>();
      for (int each = 0; each < producers; each++) {
        committers.add(new Committer(broker, "committer-" + each, partitions));
      }
      await().until(() -> committers.stream().allMatch(each -> each.committed() > 50));

      end.accept(broker);
      for (Committer each : committers) {
        each.end();
      }
      broker.restart();

      try (Admin admin = Admin.create(settings(broker))) {
        for (Committer each : committers) {
          // ends what was open, as a router does that starts
          try (KafkaProducer<String, String> next = producer(broker, each.id)) {
            next.initTransactions();
          }
        }
        List<TopicPartition> all = new ArrayList<>();
        IntStream.range(0, partitions).forEach(p -> all.add(new TopicPartition("wire", p)));
        IntStream.range(0, 4).forEach(p -> all.add(new TopicPartition("__consumer_offsets", p)));
        Map<TopicPartition, PartitionProducerState> states =
            admin.describeProducers(all).all().get();
        assertThat(states).hasSize(all.size());
        assertThat(states)
            .allSatisfy(
                (partition, state) ->
                    assertThat(state.activeProducers())
                        .allSatisfy(p -> assertThat(p.currentTransactionStartOffset()).isEmpty()));
      }
      // what was acknowledged is there, and of each transaction everything
      List<Long> readable = readable(broker, partitions);
      assertThat(readable).containsOnly(readable.getFirst());
      assertThat(readable.getFirst())
          .isGreaterThanOrEqualTo(committers.stream().mapToLong(Committer::committed).sum());
    }
  }

  /** How many records of each partition a reader of what is committed gets. */
  private static List<Long> readable(BrokerProcess broker, int partitions) {
    List<TopicPartition> all =
        IntStream.range(0, partitions).mapToObj(each -> new TopicPartition("wire", each)).toList();
    Map<TopicPartition, Long> counts = new HashMap<>();
    try (KafkaConsumer<String, String> consumer = consumer(broker)) {
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      while (all.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        consumer
            .poll(Duration.ofSeconds(1))
            .forEach(
                each -> counts.merge(new TopicPartition("wire", each.partition()), 1L, Long::sum));
      }
    }
    return all.stream().map(each -> counts.getOrDefault(each, 0L)).toList();
  }

  /** Commits small transactions to every partition of a topic, as fast as it can. */
  private static final class Committer {
    final String id;
    private final AtomicLong committed = new AtomicLong();
    private final KafkaProducer<String, String> producer;
    private final Thread thread;

    Committer(BrokerProcess broker, String id, int partitions) {
      this.id = id;
      producer = producer(broker, id);
      ConsumerGroupMetadata group;
      try (KafkaConsumer<String, String> nobody = consumer(broker)) {
        group = nobody.groupMetadata();
      }
      thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      producer.initTransactions();
                      while (!Thread.interrupted()) {
                        producer.beginTransaction();
                        for (int each = 0; each < partitions; each++) {
                          producer.send(new ProducerRecord<>("wire", each, "k", "v"));
                        }
                        producer.sendOffsetsToTransaction(
                            Map.of(
                                new TopicPartition("wire", 0),
                                new OffsetAndMetadata(committed.get())),
                            group);
                        producer.commitTransaction();
                        committed.incrementAndGet();
                      }
                    } catch (KafkaException e) {
                      // the broker is gone
                    }
                  });
    }

    long committed() {
      return committed.get();
    }

    void end() throws InterruptedException {
      thread.interrupt();
      producer.close(Duration.ZERO);
      thread.join();
    }
  }

  @Test
  void shouldTakeRecordsOfEightMebibytesAndMakeNoTopicByItself() throws Exception {
    try (BrokerProcess broker = BrokerProcess.start(dir.resolve("kafka"), 0, true)) {
      createTopic(broker, "wire");
      Properties settings = settings(broker);
      settings.put("max.request.size", String.valueOf(9 << 20));
      settings.put("max.block.ms", "3000");
      try (KafkaProducer<String, String> producer =
          new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
        producer.send(new ProducerRecord<>("wire", "x".repeat(8 << 20))).get();
        assertThatThrownBy(() -> producer.send(new ProducerRecord<>("unknown", "x")).get())
            .hasMessageContaining("unknown");
      }
    }
  }

  @Test
  void shouldLeaveNothingBehindWhenEphemeral() throws Exception {
    Path data = dir.resolve("kafka");
    try (BrokerProcess broker = BrokerProcess.start(data, 0, true)) {
      createTopic(broker, "wire");
    }
    assertThat(data).doesNotExist();

    BrokerProcess killed = BrokerProcess.start(data, 0, true);
    killed.kill9();
    assertThat(data).exists();
    killed.stop();
    assertThat(data).doesNotExist();
  }

  @Test
  void shouldEndWithItsParent() throws Exception {
    BrokerProcess broker = BrokerProcess.start(dir.resolve("kafka"), 0, false);
    ProcessHandle handle = ProcessHandle.of(broker.process().pid()).orElseThrow();

    broker.process().closeInput();

    handle.onExit().get(20, TimeUnit.SECONDS);
    assertThat(broker.process().onExit().get()).isZero();
  }

  @Test
  void shouldEndWithItsParentWhileItStarts() throws Exception {
    Path lib = KoaljaHome.find().brokerFolder().resolve("lib");
    ProcessBuilder builder =
        new ProcessBuilder(
                Jdk.java().toString(),
                "-cp",
                lib + "/*",
                "dev.koalja.broker.KafkaBroker",
                "--data",
                dir.resolve("kafka").toString(),
                "--port",
                "0")
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("out").toFile());
    builder.environment().put("KOALJA_WATCH_PARENT", "true");
    Process broker = builder.start();
    try {
      // formatted: from here on Kafka itself is starting
      await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(dir.resolve("kafka/log")));

      broker.getOutputStream().close();

      assertThat(broker.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      broker.destroyForcibly();
    }
  }

  @Test
  void shouldNotShareAFolder() {
    try (BrokerProcess first = BrokerProcess.start(dir.resolve("kafka"), 0, false)) {
      assertThat(first.process().alive()).isTrue();
      refuses(dir.resolve("kafka"), 0, "is in use by another broker");
    }
  }

  @Test
  void shouldNameThePortThatIsInUse() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      refuses(dir.resolve("kafka"), socket.getLocalPort(), "port " + socket.getLocalPort());
    }
  }

  @Test
  void shouldRefuseAFolderOfANewerVersion() throws Exception {
    Path data = Files.createDirectory(dir.resolve("kafka"));
    Files.writeString(data.resolve("format"), "koalja-broker 2\n");

    refuses(data, 0, "written by a newer Koalja");

    assertThat(names(data)).containsExactly("format");
  }

  @Test
  void shouldRefuseAFolderWithOtherContentAndLeaveItAlone() throws Exception {
    Path data = Files.createDirectory(dir.resolve("kafka"));
    Files.writeString(data.resolve("thesis.tex"), "years of work");

    refuses(data, 0, "has other files in it (thesis.tex)");

    assertThat(names(data)).containsExactly("thesis.tex");
  }

  @Test
  void shouldRefuseAForeignStamp() throws Exception {
    Path data = Files.createDirectory(dir.resolve("kafka"));
    Files.writeString(data.resolve("format"), "somebody else's\n");
    refuses(data, 0, "is not Koalja's");
  }

  @Test
  void shouldNotRemoveKeptDataWhenAskedToBeEphemeral() {
    Path data = dir.resolve("kafka");
    BrokerProcess.start(data, 0, false).close();
    refuses(data, 0, true, "holds data of earlier runs");
    assertThat(data.resolve("log/meta.properties")).exists();
  }

  @Test
  void shouldRefuseAFileAsFolder() throws Exception {
    Path data = Files.writeString(dir.resolve("kafka"), "a file");
    refuses(data, 0, "is a file");
  }

  @Test
  void shouldFinishAFormatThatWasKilled() throws Exception {
    Path data = Files.createDirectory(dir.resolve("kafka"));
    Files.writeString(data.resolve("format"), "koalja-broker 1\n");
    Files.createDirectory(data.resolve("log.new"));
    Files.writeString(data.resolve("log.new/meta.properties"), "half of it");
    try (BrokerProcess broker = BrokerProcess.start(data, 0, false)) {
      createTopic(broker, "wire");
    }
  }

  /** Ten segments of outdated positions: Kafka's default would keep them, and 90 MB more. */
  @Test
  void shouldNotKeepPositionsThatAreOutdated() throws Exception {
    Path data = dir.resolve("kafka");
    try (BrokerProcess broker = BrokerProcess.start(data, 0, false);
        KafkaConsumer<String, String> consumer = consumer(broker)) {
      createTopic(broker, "wire");
      TopicPartition partition = new TopicPartition("wire", 0);
      consumer.assign(List.of(partition));
      String metadata = "x".repeat(32_767);
      long segment = 2 << 20;
      for (long offset = 0; offset < 10 * segment / metadata.length(); offset++) {
        consumer.commitSync(Map.of(partition, new OffsetAndMetadata(offset, metadata)));
      }
      assertThat(bytes(data, "__consumer_offsets")).isGreaterThan(9 * segment);
      // the one that is written, what is left of the others
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> bytes(data, "__consumer_offsets") <= 2 * segment);
      assertThat(consumer.committed(Set.of(partition)).get(partition).metadata())
          .isEqualTo(metadata);
    }
  }

  /** The records of a topic's partitions. */
  private static long bytes(Path data, String topic) throws IOException {
    AtomicLong bytes = new AtomicLong();
    Files.walkFileTree(
        data,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String folder = file.resolveSibling("").getFileName().toString();
            if (folder.startsWith(topic + "-") && file.toString().endsWith(".log")) {
              bytes.addAndGet(attributes.size());
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE; // compacted meanwhile
          }
        });
    return bytes.get();
  }

  private static void refuses(Path data, int port, String reason) {
    refuses(data, port, false, reason);
  }

  private static void refuses(Path data, int port, boolean ephemeral, String reason) {
    assertThatThrownBy(() -> BrokerProcess.start(data, port, ephemeral))
        .isInstanceOfSatisfying(
            LaunchException.class,
            e -> {
              assertThat(e).hasMessageContaining(reason);
              assertThat(e.getMessage()).doesNotContain("\n");
              assertThat(e.exitCode()).hasValue(KafkaBroker.UNAVAILABLE);
            });
  }

  private static List<String> names(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static void createTopic(BrokerProcess broker, String topic) throws Exception {
    try (Admin admin = Admin.create(settings(broker))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
  }

  private static List<String> values(KafkaConsumer<String, String> consumer) {
    List<String> values = new ArrayList<>();
    for (int turn = 0; turn < 100 && values.isEmpty(); turn++) {
      for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(200))) {
        values.add(each.value());
      }
    }
    consumer.poll(Duration.ofMillis(500)).forEach(each -> values.add(each.value()));
    return values;
  }

  private static KafkaProducer<String, String> producer(BrokerProcess broker) {
    return producer(broker, "test");
  }

  private static KafkaProducer<String, String> producer(BrokerProcess broker, String id) {
    Properties settings = settings(broker);
    settings.put("transactional.id", id);
    settings.put("retry.backoff.ms", "2");
    settings.put("retry.backoff.max.ms", "20");
    settings.put("transaction.timeout.ms", "10000");
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }

  private static KafkaConsumer<String, String> consumer(BrokerProcess broker) {
    Properties settings = settings(broker);
    settings.put("group.id", "test");
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", "false");
    return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
  }

  private static Properties settings(BrokerProcess broker) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", broker.bootstrapServers());
    return settings;
  }
}
