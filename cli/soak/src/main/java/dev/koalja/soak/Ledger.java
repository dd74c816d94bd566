package dev.koalja.soak;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads everything that stands committed on the topics of a pipeline. The first {@link #read} reads
 * all, the next ones what came since. For one thread.
 */
public final class Ledger implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Pattern names;
  private final KafkaConsumer<byte[], byte[]> committed;
  private final KafkaConsumer<byte[], byte[]> written;
  private final Admin admin;
  private final Map<TopicPartition, List<Entry>> entries = new HashMap<>();

  /** For the topics of {@code pipeline} on the broker at {@code servers}. */
  public Ledger(String servers, String pipeline) {
    this.names = Pattern.compile("koalja[-a-z]*\\." + Pattern.quote(pipeline) + "(\\..*)?");
    this.committed = consumer(servers, "read_committed");
    this.written = consumer(servers, "read_uncommitted");
    Properties properties = new Properties();
    properties.put("bootstrap.servers", servers);
    this.admin = Admin.create(properties);
  }

  static KafkaConsumer<byte[], byte[]> consumer(String servers, String isolation) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", servers);
    properties.put("isolation.level", isolation);
    properties.put("enable.auto.commit", "false");
    properties.put("allow.auto.create.topics", "false");
    properties.put("reconnect.backoff.max.ms", "200");
    properties.put("fetch.max.wait.ms", "50");
    properties.put("max.poll.records", "5000");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * What stands now.
   *
   * @throws KafkaException when the broker does not answer
   */
  public Standing read() {
    List<TopicPartition> partitions =
        committed.listTopics(LIMIT).entrySet().stream()
            .filter(each -> names.matcher(each.getKey()).matches())
            .flatMap(each -> each.getValue().stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    Map<TopicPartition, Long> from = new HashMap<>();
    for (TopicPartition each : partitions) {
      from.put(
          each,
          committed.assignment().contains(each)
              ? committed.position(each, LIMIT)
              : Long.valueOf(0));
    }
    committed.assign(partitions);
    from.forEach(committed::seek);
    Map<TopicPartition, Long> ends = committed.endOffsets(partitions, LIMIT);
    Instant until = Instant.now().plus(LIMIT);
    while (ends.entrySet().stream()
        .anyMatch(end -> committed.position(end.getKey(), LIMIT) < end.getValue())) {
      for (ConsumerRecord<byte[], byte[]> record : committed.poll(Duration.ofMillis(100))) {
        entries
            .computeIfAbsent(
                new TopicPartition(record.topic(), record.partition()), _ -> new ArrayList<>())
            .add(entry(record));
        until = Instant.now().plus(LIMIT);
      }
      if (Instant.now().isAfter(until)) {
        throw new KafkaException("the topics cannot be read to their ends");
      }
    }
    return new Standing(topics(), undecided(partitions, ends));
  }

  private Map<String, List<Entry>> topics() {
    Map<String, List<Entry>> topics = new TreeMap<>();
    entries.entrySet().stream()
        .sorted(Comparator.comparingInt(each -> each.getKey().partition()))
        .forEach(
            each ->
                topics
                    .computeIfAbsent(each.getKey().topic(), _ -> new ArrayList<>())
                    .addAll(each.getValue()));
    return topics;
  }

  /** Up to its end a partition can be read by who reads what is committed, unless one is open. */
  private List<String> undecided(List<TopicPartition> partitions, Map<TopicPartition, Long> ends) {
    List<String> undecided = new ArrayList<>();
    written
        .endOffsets(partitions, LIMIT)
        .forEach(
            (partition, end) -> {
              long readable = ends.getOrDefault(partition, 0L);
              if (end > readable) {
                undecided.add("%s can be read to %d of %d".formatted(partition, readable, end));
              }
            });
    try {
      Collection<TransactionListing> transactions =
          admin.listTransactions().all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      for (TransactionListing each : transactions) {
        if (each.state() == TransactionState.ONGOING
            || each.state() == TransactionState.PREPARE_COMMIT
            || each.state() == TransactionState.PREPARE_ABORT) {
          undecided.add(each.transactionalId() + " is " + each.state());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("the transactions cannot be listed", e);
    }
    return undecided;
  }

  static Entry entry(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new HashMap<>();
    record
        .headers()
        .forEach(
            header -> {
              if (header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
              }
            });
    return new Entry(
        new Entry.At(record.topic(), record.partition(), record.offset()),
        Optional.ofNullable(record.key()).map(key -> new String(key, StandardCharsets.UTF_8)),
        headers,
        record.value() == null ? new byte[0] : record.value());
  }

  @Override
  public void close() {
    committed.close();
    written.close();
    admin.close(Duration.ofSeconds(2));
  }
}
