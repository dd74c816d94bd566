package dev.koalja.soak;

import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.InvocationRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Measures from a kill until the first output that was committed after it, as a reader of the
 * journal sees it: results and journal records become readable together. Safe for threads.
 */
final class Recoveries implements AutoCloseable {
  private final String servers;
  private final String journal;
  private final List<Wait> waiting = new CopyOnWriteArrayList<>();
  private final Map<Plan.Kind, List<Duration>> times = new EnumMap<>(Plan.Kind.class);
  private final List<String> news = new ArrayList<>(); // guarded by times
  private final Thread watch;
  private volatile boolean closed;

  /** A journal record, and when the reading that brought it began. */
  record Seen(InvocationRecord record, Instant polledAt) {}

  private record Wait(Predicate<Seen> sign, CompletableFuture<Instant> seen) {}

  Recoveries(String servers, String journal) {
    this.servers = servers;
    this.journal = journal;
    this.watch = Thread.ofPlatform().name("soak-journal").daemon().start(this::watch);
  }

  private void watch() {
    try (KafkaConsumer<byte[], byte[]> consumer = Ledger.consumer(servers, "read_committed")) {
      TopicPartition only = new TopicPartition(journal, 0);
      consumer.assign(List.of(only));
      consumer.seekToEnd(List.of(only));
      while (!closed) {
        Instant polledAt = Instant.now();
        try {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
            read(record).ifPresent(each -> tell(new Seen(each, polledAt)));
          }
        } catch (KafkaException e) {
          // the broker is just down
        }
      }
    }
  }

  private static Optional<InvocationRecord> read(ConsumerRecord<byte[], byte[]> record) {
    try {
      return Optional.of(Json.MAPPER.readValue(record.value(), InvocationRecord.class));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private void tell(Seen seen) {
    for (Wait wait : waiting) {
      if (wait.sign().test(seen)) {
        wait.seen().complete(Instant.now());
        waiting.remove(wait);
      }
    }
  }

  /** Completes when a record with this sign is readable. */
  CompletableFuture<Instant> first(Predicate<Seen> sign) {
    CompletableFuture<Instant> seen = new CompletableFuture<>();
    waiting.add(new Wait(sign, seen));
    return seen;
  }

  /**
   * Waits for a recovery and keeps how long it took; one that does not come is told and not kept,
   * since perhaps nothing was left to do for what was killed.
   */
  Optional<Duration> measure(
      Plan.Kind kind, Instant killedAt, CompletableFuture<Instant> seen, Duration limit)
      throws InterruptedException {
    try {
      Duration took = Duration.between(killedAt, seen.get(limit.toMillis(), TimeUnit.MILLISECONDS));
      synchronized (times) {
        times.computeIfAbsent(kind, _ -> new ArrayList<>()).add(took);
        news.add(word(kind) + " %.1f s".formatted(took.toMillis() / 1000.0));
      }
      return Optional.of(took);
    } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
      waiting.removeIf(wait -> wait.seen() == seen);
      synchronized (times) {
        news.add(word(kind) + " not seen in " + limit.toSeconds() + " s");
      }
      return Optional.empty();
    }
  }

  /** What was killed, for people: {@code router}. */
  static String word(Plan.Kind kind) {
    return kind.name().substring("KILL_".length()).toLowerCase(Locale.ROOT);
  }

  /**
   * How long it took.
   *
   * @param kind what was killed
   * @param count how often that was measured
   * @param median the median
   * @param max the longest
   */
  record Times(Plan.Kind kind, int count, Duration median, Duration max) {}

  /** What was measured since this was asked last, in its order. */
  List<String> news() {
    synchronized (times) {
      List<String> all = List.copyOf(news);
      news.clear();
      return all;
    }
  }

  /** What was measured so far. */
  List<Times> times() {
    synchronized (times) {
      return times.entrySet().stream()
          .map(
              each -> {
                List<Duration> sorted = each.getValue().stream().sorted().toList();
                return new Times(
                    each.getKey(), sorted.size(), sorted.get(sorted.size() / 2), sorted.getLast());
              })
          .toList();
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      watch.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
