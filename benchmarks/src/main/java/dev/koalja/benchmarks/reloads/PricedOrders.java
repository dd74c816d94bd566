package dev.koalja.benchmarks.reloads;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the results as they are committed: which code made them, and how often each came. */
final class PricedOrders implements AutoCloseable {
  private final String servers;
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();
  private final Map<Integer, Long> first = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile boolean running = true;

  PricedOrders(String servers) {
    this.servers = servers;
    this.thread = Thread.ofPlatform().name("results").daemon().start(this::run);
  }

  private void run() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", servers);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor("koalja.shop.priced").stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (running) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          JsonNode priced = Json.MAPPER.readTree(record.value());
          counts.merge(priced.path("id").asText(), 1, Integer::sum);
          first.putIfAbsent(priced.path("total").asInt(), System.nanoTime());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether this code made a result that is committed. */
  boolean cameFrom(int version) {
    return first.containsKey(version);
  }

  /** When the first result of this code was there, as {@link System#nanoTime}. */
  long first(int version) {
    return first.getOrDefault(version, Long.MAX_VALUE);
  }

  /** How many orders have a result. */
  int orders() {
    return counts.size();
  }

  /** Orders of this many without a result. */
  long lost(int sent) {
    long lost = 0;
    for (int number = 0; number < sent; number++) {
      lost += counts.containsKey("o-" + number) ? 0 : 1;
    }
    return lost;
  }

  /** Results beyond the one of each order. */
  long doubled() {
    return counts.values().stream().mapToLong(each -> each - 1).sum();
  }

  @Override
  public void close() {
    running = false;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
