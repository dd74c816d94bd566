package dev.koalja.router;

import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.Failure;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.pipeline.journal.InvocationRecord.OutputEvent;
import dev.koalja.router.snapshot.Waiting;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a {@link RandomCircuit} left behind, without what depends on time and place: events, dead
 * letters, quarantined records, calls and the rest of the journal, snapshots that wait. In order
 * where there is one that nothing may change.
 */
final class CircuitResult {
  /** Differ each time. */
  private static final Set<String> OF_TIME =
      Set.of("traceparent", "ce_time", "ce_koaljainvocation");

  private final RandomCircuit circuit;
  private final Pipeline pipeline;
  private final SortedMap<String, List<String>> lines = new TreeMap<>();

  private CircuitResult(RandomCircuit circuit, Pipeline pipeline) {
    this.circuit = circuit;
    this.pipeline = pipeline;
  }

  /**
   * What stands there.
   *
   * @param topics reads one
   * @param waiting task and snapshot
   */
  static SortedMap<String, List<String>> of(
      RandomCircuit circuit,
      Pipeline pipeline,
      Function<String, List<ConsumerRecord<byte[], byte[]>>> topics,
      List<InvocationRecord> journal,
      List<String> waiting) {
    CircuitResult result = new CircuitResult(circuit, pipeline);
    result.links(topics);
    result.letters(topics);
    journal.stream().filter(each -> circuit.has(each.task())).forEach(result::journal);
    waiting.stream().filter(circuit::has).forEach(each -> result.add("waiting", each));
    result.lines.forEach(
        (where, what) -> {
          if (!where.startsWith("in order")) {
            what.sort(Comparator.naturalOrder());
          }
        });
    return result.lines;
  }

  private void add(String where, String line) {
    lines.computeIfAbsent(where, _ -> new ArrayList<>()).add(line);
  }

  private void links(Function<String, List<ConsumerRecord<byte[], byte[]>>> topics) {
    Set<String> unordered = linksOf(task -> task.delivery().order() == Order.UNORDERED);
    Set<String> halved = linksOf(RandomTask::halves);
    pipeline.links().stream()
        .map(link -> link.name())
        .filter(link -> circuit.has(link.value()))
        .forEach(
            link -> {
              // those of a batch are the most that one of it has, whoever that is
              Set<String> without =
                  halved.contains(link.value()) ? Set.of("ce_koaljahops") : Set.of();
              for (var record : topics.apply(TopicName.link(pipeline.name(), link))) {
                String key = record.key() == null ? "" : text(record.key());
                // without a key any partition will do, and any order
                boolean sorted = key.isEmpty() || unordered.contains(link.value());
                add(
                    (sorted ? "link " : "in order: link ") + link + " key " + key,
                    text(record.value()) + " " + headers(record, without));
              }
            });
  }

  private Set<String> linksOf(Predicate<Task> which) {
    return pipeline.tasks().stream()
        .filter(which)
        .flatMap(task -> task.outputs().stream())
        .map(output -> output.link().value())
        .collect(Collectors.toSet());
  }

  private void letters(Function<String, List<ConsumerRecord<byte[], byte[]>>> topics) {
    for (Reader reader : pipeline.readers()) {
      if (!circuit.has(reader.task().name().value())) {
        continue;
      }
      boolean snapshot = !reader.readsLink();
      for (var record : topics.apply(TopicName.deadLetter(reader))) {
        String value = text(record.value());
        // a snapshot is named after where its events stand
        Set<String> without = snapshot ? Set.of("ce_id") : Set.of();
        add(
            "dead letters " + reader,
            "%s key %s %s"
                .formatted(
                    snapshot ? RandomFunction.given(value) : value,
                    record.key() == null ? "" : text(record.key()),
                    headers(record, without)));
      }
      for (var record : topics.apply(TopicName.quarantine(reader))) {
        add("quarantine " + reader, text(record.value()) + " " + headers(record, Set.of()));
      }
    }
  }

  private static String headers(ConsumerRecord<byte[], byte[]> record, Set<String> without) {
    return StreamSupport.stream(record.headers().spliterator(), false)
        .filter(header -> !OF_TIME.contains(header.key()) && !without.contains(header.key()))
        .map(header -> header.key() + "=" + text(header.value()))
        .sorted()
        .toList()
        .toString();
  }

  private void journal(InvocationRecord record) {
    Task task = pipeline.task(record.task()).orElseThrow();
    if (RandomTask.halves(task)) {
      // who went with whom is another each time
      record.inputs().forEach(input -> add("journal of " + task.name(), line(record, input)));
      return;
    }
    Optional<String> turn =
        record.attempts().isEmpty() ? Optional.empty() : turn(task, record.inputs().getFirst());
    String line =
        "%s %s inputs %s attempts %s outputs %s"
            .formatted(
                record.outcome(),
                record.error().map(CircuitResult::cause).orElse(""),
                record.inputs().stream().map(CircuitResult::input).toList(),
                attempts(record),
                record.outputs().stream().map(each -> output(task, each)).toList());
    add(
        turn.map(each -> "in order: calls of " + task.name() + " " + each)
            .orElse("journal of " + task.name()),
        line);
  }

  private static String line(InvocationRecord record, InputEvent input) {
    return "%s %s input %s attempts %s"
        .formatted(
            record.outcome(),
            record.error().map(CircuitResult::cause).orElse(""),
            input(input),
            attempts(record));
  }

  private static List<String> attempts(InvocationRecord record) {
    return record.attempts().stream()
        .map(
            each ->
                "%d %s %s"
                    .formatted(
                        each.number(),
                        each.status(),
                        each.error().map(CircuitResult::cause).orElse("ok")))
        .toList();
  }

  /** Those that go one after the other, whatever happens. */
  private static Optional<String> turn(Task task, InputEvent first) {
    if (task.delivery().order() == Order.UNORDERED) {
      return Optional.empty();
    }
    boolean one =
        task.snapshot()
            .map(snapshot -> snapshot.correlate() instanceof Correlation.None)
            .orElse(
                task.delivery().order() == Order.ORDERED && RandomCircuit.oneOrder(first.link()));
    return one ? Optional.of("all") : first.key().map(key -> "key " + key);
  }

  private static String cause(Failure failure) {
    // where the first one stands
    return failure.code() + (failure.code().equals("duplicate") ? "" : ": " + failure.cause());
  }

  private static String input(InputEvent input) {
    return "%s:%s:%s:%s key %s size %d"
        .formatted(
            input.input(), input.link(), input.id(), input.type(), input.key(), input.size());
  }

  private static String output(Task task, OutputEvent output) {
    String id =
        output.output().equals("dead-letter") && task.snapshot().isPresent()
            ? ""
            : "%s size %d %s".formatted(output.id(), output.size(), output.sha256());
    return "%s:%s:%s key %s %s"
        .formatted(output.output(), output.link(), output.type(), output.key(), id);
  }

  /** Where two results are not the same, and what is there, for people. */
  static List<String> differences(
      SortedMap<String, List<String>> memory, SortedMap<String, List<String>> real) {
    Set<String> all = new TreeSet<>(memory.keySet());
    all.addAll(real.keySet());
    return all.stream()
        .filter(where -> !memory.getOrDefault(where, List.of()).equals(real.get(where)))
        .map(
            where ->
                "%s%n  in memory:%n    %s%n  on the broker:%n    %s%n"
                    .formatted(
                        where,
                        String.join("\n    ", memory.getOrDefault(where, List.of("nothing"))),
                        String.join("\n    ", real.getOrDefault(where, List.of("nothing")))))
        .toList();
  }

  /** A line of a snapshot that waits. */
  static String waiting(String task, Waiting waiting) {
    return task
        + " "
        + waiting.key()
        + " "
        + waiting.inputs().stream()
            .map(input -> input.input() + "=" + input.have() + "/" + input.of())
            .collect(Collectors.joining(","))
        + " misses "
        + waiting.missing();
  }

  private static String text(byte[] bytes) {
    return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
  }
}
