package dev.koalja.benchmarks.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics all the time, read committed, and notes when each result was there. */
public final class Watch implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);

  private final ToIntFunction<byte[]> numberOf;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final CountDownLatch ready = new CountDownLatch(1);
  private final Thread thread;
  private volatile Expected expected = new Expected(0, 0);
  private volatile boolean running = true;

  /** The results that may come. */
  private static final class Expected {
    private final int first;
    private final long[] seen;
    private final CountDownLatch missing;

    Expected(int first, int count) {
      this.first = first;
      this.seen = new long[count];
      this.missing = new CountDownLatch(count);
    }

    void saw(int number, long now) {
      int index = number - first;
      if (index < 0 || index >= seen.length) {
        throw new IllegalStateException("nobody asked for result " + number);
      }
      if (seen[index] != 0) {
        throw new IllegalStateException("event " + number + " has two results: not exactly once");
      }
      seen[index] = now;
      missing.countDown();
    }
  }

  /**
   * From the ends of the topics on.
   *
   * @param numberOf which number the data of a result has
   */
  public Watch(String bootstrapServers, List<String> topics, ToIntFunction<byte[]> numberOf)
      throws InterruptedException {
    this.numberOf = numberOf;
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    properties.put("max.poll.records", "10000");
    thread =
        Thread.ofPlatform()
            .name("watch " + topics.getFirst())
            .uncaughtExceptionHandler((_, e) -> failure.set(e))
            .start(() -> run(properties, topics));
    if (!ready.await(1, TimeUnit.MINUTES)) {
      throw new IllegalStateException("the topics cannot be read: " + topics, failure.get());
    }
  }

  private void run(Properties properties, List<String> topics) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          topics.stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
      ready.countDown();
      while (running) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        long now = System.nanoTime();
        Expected current = expected;
        for (ConsumerRecord<byte[], byte[]> record : records) {
          current.saw(numberOf.applyAsInt(record.value()), now);
        }
      }
    }
  }

  /** From now on the results of {@code count} events from {@code first} may come. */
  public void expect(int first, int count) {
    expected = new Expected(first, count);
  }

  /**
   * Waits for all of them.
   *
   * @return the moments of {@link System#nanoTime} at which they were there, in order of number
   * @throws IllegalStateException when some are missing after that time, or one came twice
   */
  public long[] await(Duration limit) throws InterruptedException {
    Expected current = expected;
    long end = System.nanoTime() + limit.toNanos();
    while (!current.missing.await(200, TimeUnit.MILLISECONDS)) {
      check();
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "%,d of %,d results are missing after %d s"
                .formatted(current.missing.getCount(), current.seen.length, limit.toSeconds()));
      }
    }
    check();
    return current.seen;
  }

  private void check() {
    if (failure.get() != null) {
      throw new IllegalStateException("reading results failed", failure.get());
    }
  }

  /** Ends; fails when something came that nobody asked for. */
  @Override
  public void close() {
    running = false;
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    check();
  }
}
