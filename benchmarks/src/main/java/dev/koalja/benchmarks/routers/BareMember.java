package dev.koalja.benchmarks.routers;

import dev.koalja.benchmarks.kafka.Event;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A process of its own that consumes, produces and commits in transactions, as one of several of a
 * group. Everything that decides how long a change of the group takes is set as the router sets it:
 * assignor, session, heartbeats, static ids, the transaction's time limit; and it leaves the group
 * when it ends in order. No function, no journal, one event after the other: the least there can
 * be.
 */
final class BareMember {
  static final String READY = "member ready";
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int ORDERLY_SECONDS = 20;

  private final AtomicBoolean running = new AtomicBoolean(true);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final String servers;
  private final String slot;
  private final String input;
  private final String output;

  private BareMember(List<String> arguments) {
    servers = arguments.get(0);
    slot = arguments.get(1);
    input = arguments.get(2);
    output = arguments.get(3);
  }

  /** Bootstrap servers, slot, input topic, output topic. */
  public static void main(String[] arguments) throws IOException {
    BareMember member = new BareMember(List.of(arguments));
    Thread.ofPlatform().start(member::run);
    Runtime.getRuntime().addShutdownHook(new Thread(member::end));
    System.out.println(READY);
    // who started us holds our standard input open
    while (System.in.read() >= 0) {
      // nothing is ever said
    }
    System.exit(0);
  }

  /** In order: the transaction under way is committed, the group is left. */
  private void end() {
    running.set(false);
    try {
      if (!ended.await(ORDERLY_SECONDS, TimeUnit.SECONDS)) {
        System.out.println("the loop does not end");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    KafkaConsumer<byte[], byte[]> consumer = consumer();
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.initTransactions();
      consumer.subscribe(List.of(input));
      while (running.get()) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (!records.isEmpty()) {
          transaction(consumer, producer, records);
        }
      }
    } finally {
      consumer.close(
          CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
      ended.countDown();
    }
  }

  private void transaction(
      KafkaConsumer<byte[], byte[]> consumer,
      KafkaProducer<byte[], byte[]> producer,
      ConsumerRecords<byte[], byte[]> records) {
    producer.beginTransaction();
    try {
      for (ConsumerRecord<byte[], byte[]> record : records) {
        producer.send(Event.result(output, record));
      }
      Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>(records.nextOffsets());
      producer.sendOffsetsToTransaction(positions, consumer.groupMetadata());
      producer.commitTransaction();
    } catch (ProducerFencedException e) {
      throw e;
    } catch (KafkaException e) {
      // the group changed meanwhile: nothing of it counts, what is still ours is read again
      System.out.println("aborted: " + e.getMessage());
      producer.abortTransaction();
      consumer
          .committed(consumer.assignment())
          .forEach(
              (partition, committed) -> {
                if (committed == null) {
                  consumer.seekToBeginning(List.of(partition));
                } else {
                  consumer.seek(partition, committed);
                }
              });
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", servers);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, input);
    properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, "bare-" + slot);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6000);
    properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1000);
    properties.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, 60_000);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 500);
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 1000);
    properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    properties.put(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, 300);
    properties.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private KafkaProducer<byte[], byte[]> producer() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", servers);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, input + "-" + slot);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
    properties.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
    properties.put(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 20);
    properties.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
