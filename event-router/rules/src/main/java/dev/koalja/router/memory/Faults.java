package dev.koalja.router.memory;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.router.dispatch.FunctionCaller;
import dev.koalja.router.dispatch.InvocationOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What goes wrong on purpose. Counts from 1, from when a fault is asked for. */
final class Faults {
  private final Map<String, List<Fault>> ofLinks = new HashMap<>();
  private final Map<String, Set<Integer>> failing = new HashMap<>();
  private final Map<String, Integer> calls = new HashMap<>();
  private final List<Late> late = new ArrayList<>();

  /** What happens to a record on its way to a link. */
  private interface Fault {
    List<ProducerRecord<byte[], byte[]>> pass(ProducerRecord<byte[], byte[]> record, Instant now);
  }

  private record Late(Instant at, ProducerRecord<byte[], byte[]> record) {}

  Faults() {}

  /** The nth event that comes to a topic comes twice. */
  void duplicate(String topic, int nth) {
    int[] count = {0};
    add(topic, (record, _) -> ++count[0] == nth ? List.of(record, record) : List.of(record));
  }

  /** The nth event that comes to a topic comes later. */
  void delay(String topic, int nth, Duration by) {
    int[] count = {0};
    add(
        topic,
        (record, now) -> {
          if (++count[0] != nth) {
            return List.of(record);
          }
          late.add(new Late(now.plus(by), record));
          return List.of();
        });
  }

  /**
   * The next events that come to a topic are held until all of them are there, and then come in the
   * opposite order; but those of one key stay in theirs, which no broker changes.
   */
  void reorder(String topic, int events) {
    List<ProducerRecord<byte[], byte[]>> held = new ArrayList<>();
    boolean[] done = {false};
    add(
        topic,
        (record, _) -> {
          if (done[0]) {
            return List.of(record);
          }
          held.add(record);
          done[0] = held.size() == events;
          return done[0] ? opposite(held) : List.of();
        });
  }

  private static List<ProducerRecord<byte[], byte[]>> opposite(
      List<ProducerRecord<byte[], byte[]>> records) {
    List<ProducerRecord<byte[], byte[]>> left = new ArrayList<>(records);
    List<ProducerRecord<byte[], byte[]>> turned = new ArrayList<>();
    for (ProducerRecord<byte[], byte[]> place : records.reversed()) {
      ProducerRecord<byte[], byte[]> next =
          left.stream().filter(each -> sameKey(each, place)).findFirst().orElseThrow();
      left.remove(next);
      turned.add(next);
    }
    return turned;
  }

  private static boolean sameKey(
      ProducerRecord<byte[], byte[]> one, ProducerRecord<byte[], byte[]> other) {
    return one.equals(other)
        || one.key() != null && other.key() != null && Arrays.equals(one.key(), other.key());
  }

  /** The nth call of a task fails as if the function had thrown. */
  void fail(String task, int nth) {
    failing.computeIfAbsent(task, _ -> new HashSet<>()).add(calls.getOrDefault(task, 0) + nth);
  }

  private void add(String topic, Fault fault) {
    ofLinks.computeIfAbsent(topic, _ -> new ArrayList<>()).add(fault);
  }

  List<ProducerRecord<byte[], byte[]>> pass(ProducerRecord<byte[], byte[]> record, Instant now) {
    List<ProducerRecord<byte[], byte[]>> records = List.of(record);
    for (Fault fault : ofLinks.getOrDefault(record.topic(), List.of())) {
      records = records.stream().flatMap(each -> fault.pass(each, now).stream()).toList();
    }
    return records;
  }

  /** What has come late enough. */
  List<ProducerRecord<byte[], byte[]>> due(Instant now) {
    List<ProducerRecord<byte[], byte[]>> due = new ArrayList<>();
    for (Iterator<Late> each = late.iterator(); each.hasNext(); ) {
      Late next = each.next();
      if (!next.at().isAfter(now)) {
        due.add(next.record());
        each.remove();
      }
    }
    return due;
  }

  Optional<Instant> nextDue() {
    return late.stream().map(Late::at).min(Instant::compareTo);
  }

  FunctionCaller around(FunctionCaller functions) {
    return attempt -> {
      int call = calls.merge(attempt.task(), 1, Integer::sum);
      if (failing.getOrDefault(attempt.task(), Set.of()).contains(call)) {
        return new InvocationOutcome.Retryable(
            ErrorCode.FUNCTION_FAILED,
            "failed on purpose, call %d of %s".formatted(call, attempt.task()),
            Optional.of(500),
            Optional.empty(),
            Optional.empty());
      }
      return functions.call(attempt);
    };
  }
}
