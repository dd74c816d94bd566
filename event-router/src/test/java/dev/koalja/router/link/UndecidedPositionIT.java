package dev.koalja.router.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.launch.BrokerProcess;
import dev.koalja.router.kafka.KafkaCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class UndecidedPositionIT {
  private static final String GROUP = "koalja.shop.price.order";
  private static final TopicPartition LINK = new TopicPartition("wire", 0);
  private static final int PARTITIONS = 8;
  private static final List<String> IDS = List.of("koalja-0", "koalja-1", "koalja-2", "koalja-3");
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Pattern HANGS =
      Pattern.compile(
          "a transaction of producer (\\d+) hangs, open on (__consumer_offsets)-(\\d) since 2\\S+, from offset (\\d+): .*");

  @TempDir Path dir;
  private BrokerProcess broker;
  private KafkaCluster kafka;

  @BeforeEach
  void start() throws Exception {
    // as brokers of a cluster do: this one hands its partitions over, to nobody, before it ends
    Path config =
        Files.writeString(dir.resolve("broker.properties"), "controlled.shutdown.enable=true\n");
    broker = BrokerProcess.start(dir.resolve("kafka"), 0, false, Optional.of(config));
    kafka = KafkaCluster.at(broker.bootstrapServers());
    try (Admin admin = Admin.create(kafka.properties())) {
      admin.createTopics(List.of(new NewTopic(LINK.topic(), PARTITIONS, (short) 1))).all().get();
    }
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  private Optional<String> words() throws InterruptedException {
    return UndecidedPosition.words(kafka, GROUP, LIMIT);
  }

  @Test
  void shouldNameWhoHasNotDecidedYet() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = producer(IDS.getFirst())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.sendOffsetsToTransaction(Map.of(LINK, new OffsetAndMetadata(7)), membership());

      assertThat(words())
          .hasValueSatisfying(
              words ->
                  assertThat(words)
                      .startsWith(
                          "a transaction of koalja-0 is not decided, open on __consumer_offsets-"));

      producer.commitTransaction();
      await().atMost(LIMIT).untilAsserted(() -> assertThat(words()).isEmpty());
    }
  }

  @Test
  void shouldSayThatATransactionHangsAndWhatIsNeededToEndIt() throws Exception {
    Matcher hangs = HANGS.matcher("");
    for (int attempt = 0; attempt < 12 && !hangs.matches(); attempt++) {
      endTheBrokerWhileOthersCommit();
      broker.restart();
      for (String id : IDS) {
        try (KafkaProducer<byte[], byte[]> next = producer(id)) {
          next.initTransactions(); // ends what can be ended, as a router does that starts
        }
      }
      hangs = HANGS.matcher(words().orElse(""));
    }
    assertThat(hangs.matches()).as("a transaction that hangs").isTrue();

    while (hangs.matches()) { // one of each producer, it may be
      abort(hangs);
      hangs = HANGS.matcher(words().orElse(""));
    }
    assertThat(words()).isEmpty();
  }

  /** As people do it, by what they are told. */
  private void abort(Matcher hangs) throws Exception {
    TopicPartition where = new TopicPartition(hangs.group(2), Integer.parseInt(hangs.group(3)));
    try (Admin admin = Admin.create(kafka.properties())) {
      long producer = Long.parseLong(hangs.group(1));
      ProducerState open =
          admin
              .describeProducers(List.of(where))
              .partitionResult(where)
              .get()
              .activeProducers()
              .stream()
              .filter(each -> each.producerId() == producer)
              .findFirst()
              .orElseThrow();
      assertThat(open.currentTransactionStartOffset()).hasValue(Long.parseLong(hangs.group(4)));
      admin
          .abortTransaction(
              new AbortTransactionSpec(
                  where,
                  producer,
                  (short) open.producerEpoch(),
                  open.coordinatorEpoch().orElse(-1)))
          .all()
          .get();
    }
  }

  private void endTheBrokerWhileOthersCommit() throws Exception {
    AtomicInteger committed = new AtomicInteger();
    ConsumerGroupMetadata membership = membership();
    List<KafkaProducer<byte[], byte[]>> producers = IDS.stream().map(this::producer).toList();
    List<Thread> commits =
        producers.stream()
            .map(
                producer ->
                    Thread.ofPlatform().start(() -> commit(producer, membership, committed)))
            .toList();
    await().atMost(LIMIT).until(() -> committed.get() > 200);
    broker.stop();
    commits.forEach(Thread::interrupt);
    producers.forEach(each -> each.close(Duration.ZERO));
    for (Thread each : commits) {
      each.join();
    }
  }

  private static void commit(
      KafkaProducer<byte[], byte[]> producer,
      ConsumerGroupMetadata membership,
      AtomicInteger committed) {
    try {
      producer.initTransactions();
      while (!Thread.interrupted()) {
        producer.beginTransaction();
        for (int partition = 0; partition < PARTITIONS; partition++) {
          producer.send(new ProducerRecord<>(LINK.topic(), partition, null, new byte[1]));
        }
        producer.sendOffsetsToTransaction(
            Map.of(LINK, new OffsetAndMetadata(committed.incrementAndGet())), membership);
        producer.commitTransaction();
      }
    } catch (KafkaException e) {
      // the broker is gone
    }
  }

  private KafkaProducer<byte[], byte[]> producer(String id) {
    Properties settings = kafka.properties();
    settings.put("transactional.id", id);
    settings.put("retry.backoff.ms", "2");
    settings.put("retry.backoff.max.ms", "20");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private ConsumerGroupMetadata membership() {
    Properties settings = kafka.properties();
    settings.put("group.id", GROUP);
    try (KafkaConsumer<byte[], byte[]> nobody =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      return nobody.groupMetadata();
    }
  }
}
