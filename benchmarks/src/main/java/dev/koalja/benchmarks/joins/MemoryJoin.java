package dev.koalja.benchmarks.joins;

import dev.koalja.benchmarks.kafka.BareLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The join as a bare loop can do it: what waits is in memory only, so a crash would lose it. Keys
 * that have nothing waiting are forgotten. For one thread.
 */
final class MemoryJoin implements BareLoop.Transformation {
  private final String output;
  private final Map<String, Waiting> waiting = new HashMap<>();

  private record Waiting(boolean left, Deque<byte[]> events) {}

  /** Produces to {@code output}. */
  MemoryJoin(String output) {
    this.output = output;
  }

  @Override
  public Optional<ProducerRecord<byte[], byte[]>> of(ConsumerRecord<byte[], byte[]> record) {
    boolean left = record.topic().endsWith(Pair.Side.LEFT.link());
    String key = new String(record.key(), StandardCharsets.UTF_8);
    Waiting there = waiting.computeIfAbsent(key, _ -> new Waiting(left, new ArrayDeque<>()));
    if (there.left() == left) {
      there.events().add(record.value());
      return Optional.empty();
    }
    byte[] other = there.events().remove();
    if (there.events().isEmpty()) {
      waiting.remove(key);
    }
    ProducerRecord<byte[], byte[]> result =
        new ProducerRecord<>(
            output,
            null,
            record.key(),
            left ? Pair.join(record.value(), other) : Pair.join(other, record.value()));
    record.headers().forEach(result.headers()::add);
    return Optional.of(result);
  }
}
