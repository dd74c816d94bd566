package dev.koalja.broker;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** One round of what routers ask of the broker, so that a start-up cache knows those paths. */
final class Training {
  private static final String TOPIC = "training";

  private Training() {}

  /** Creates a topic, and consumes and produces in a transaction. */
  static void round(int port) throws UnusableException {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", "127.0.0.1:" + port);
    settings.put("transactional.id", TOPIC);
    settings.put("group.id", TOPIC);
    settings.put("isolation.level", "read_committed");
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", "false");
    try (Admin admin = Admin.create(settings)) {
      admin.createTopics(List.of(new NewTopic(TOPIC, 4, (short) 1))).all().get();
    } catch (ExecutionException e) {
      throw new UnusableException("training failed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try (KafkaProducer<String, String> producer =
            new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        KafkaConsumer<String, String> consumer =
            new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      producer.initTransactions();
      consumer.subscribe(List.of(TOPIC));
      long seen = 0;
      for (int turn = 0; turn < 50 && seen < 20; turn++) {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(TOPIC, "key" + turn, "value"));
        producer.sendOffsetsToTransaction(
            Map.of(new TopicPartition(TOPIC, 0), new OffsetAndMetadata(0)),
            consumer.groupMetadata());
        producer.commitTransaction();
        seen += consumer.poll(Duration.ofMillis(200)).count();
      }
    }
  }
}
