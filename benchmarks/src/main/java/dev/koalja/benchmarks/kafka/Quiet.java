package dev.koalja.benchmarks.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Waits until one is done, so that no subject works on while the next is measured. */
public final class Quiet {
  private static final Duration STILL = Duration.ofMillis(400);
  private static final Duration SAMPLE = Duration.ofMillis(50);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private Quiet() {}

  /** Returns once a process has used hardly any processor time for a while. */
  public static void await(long process) throws InterruptedException {
    long began = System.nanoTime();
    Duration used = used(process);
    while (System.nanoTime() - began < LIMIT.toNanos()) {
      Thread.sleep(STILL);
      Duration now = used(process);
      if (now.minus(used).compareTo(STILL.dividedBy(10)) < 0) {
        return;
      }
      used = now;
    }
    throw new IllegalStateException("process %d never rests".formatted(process));
  }

  private static Duration used(long process) {
    return ProcessHandle.of(process)
        .flatMap(each -> each.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }

  /** Returns once nothing came to the topics for a while. */
  public static void await(Admin admin, List<String> topics) throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    admin
        .describeTopics(topics)
        .allTopicNames()
        .get()
        .forEach(
            (topic, description) ->
                description
                    .partitions()
                    .forEach(
                        each ->
                            latest.put(
                                new TopicPartition(topic, each.partition()), OffsetSpec.latest())));
    long began = System.nanoTime();
    long changed = began;
    long before = -1;
    while (System.nanoTime() - changed < STILL.toNanos()) {
      long sum =
          admin.listOffsets(latest).all().get().values().stream()
              .mapToLong(each -> each.offset())
              .sum();
      if (sum != before) {
        before = sum;
        changed = System.nanoTime();
      }
      if (changed - began > LIMIT.toNanos()) {
        throw new IllegalStateException("it never ends to write to " + topics);
      }
      Thread.sleep(SAMPLE);
    }
  }
}
