package dev.koalja.gateway.control;

import dev.koalja.gateway.definition.Definitions;
import dev.koalja.gateway.definition.Offsets;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.journal.JournalIndex;
import dev.koalja.gateway.journal.JournalIndex.Invocation;
import dev.koalja.gateway.journal.JournalIndex.TaskCounts;
import dev.koalja.gateway.journal.JournalSignal;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.event.TopicName;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /api/tasks} and {@code /api/invocations}. */
@ApplicationScoped
public class TaskEndpoints {
  private static final Duration IDLE = Duration.ofSeconds(1);

  private final Definitions definitions;
  private final Offsets offsets;
  private final JournalIndex journal;
  private final JournalSignal signal;

  TaskEndpoints(
      Definitions definitions, Offsets offsets, JournalIndex journal, JournalSignal signal) {
    this.definitions = definitions;
    this.offsets = offsets;
    this.journal = journal;
    this.signal = signal;
  }

  Answer list(Request request) throws InterruptedException {
    definitions.requireCaughtUp();
    List<Definition> sorted =
        definitions.current().values().stream()
            .sorted(Comparator.comparing(each -> each.pipeline().name()))
            .toList();
    Map<String, Long> lags =
        offsets.lag(sorted.stream().flatMap(each -> each.pipeline().readers().stream()).toList());
    List<Map<String, Object>> tasks = new ArrayList<>();
    for (Definition definition : sorted) {
      Map<String, TaskCounts> counts = journal.counts(definition.pipeline().name().value());
      for (Task task : definition.pipeline().tasks()) {
        tasks.add(
            shown(
                definition, task, lags, counts.getOrDefault(task.name().value(), TaskCounts.NONE)));
      }
    }
    return Answer.json(200, tasks);
  }

  private static Map<String, Object> shown(
      Definition definition, Task task, Map<String, Long> lags, TaskCounts counts) {
    List<Reader> readers =
        definition.pipeline().readers().stream().filter(each -> each.task().equals(task)).toList();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pipeline", definition.pipeline().name().value());
    map.put("revision", definition.revision());
    map.put("task", task.name().value());
    map.put(
        "app",
        switch (task.kind()) {
          case TaskKind.Function function -> function.app().value();
          case TaskKind.Container container -> container.image();
          case TaskKind.Filter _ -> "filter";
        });
    map.put(
        "inputs",
        readers.stream()
            .filter(Reader::readsLink)
            .map(
                each ->
                    Map.of(
                        "name", each.input().name().value(),
                        "link", each.input().link().value(),
                        "lag", lag(each, lags)))
            .toList());
    map.put(
        "outputs",
        task.outputs().stream()
            .map(out -> Map.of("name", out.name().value(), "link", out.link().value()))
            .toList());
    map.put("lag", readers.stream().mapToLong(each -> lag(each, lags)).sum());
    task.snapshot()
        .ifPresent(
            snapshot -> {
              Map<String, Object> stages = new LinkedHashMap<>();
              stages.put("policy", snapshot.policy().word());
              readers.stream()
                  .filter(each -> !each.readsLink())
                  .forEach(
                      each ->
                          stages.put(
                              each.stage() == Reader.Stage.ASSEMBLY ? "arrivalsLag" : "readyLag",
                              lag(each, lags)));
              map.put("snapshot", stages);
            });
    map.put("done", counts.done());
    map.put("failed", counts.failed());
    map.put("filtered", counts.filtered());
    map.put("expired", counts.expired());
    map.put("deadLetters", counts.deadLetters());
    map.put("quarantined", counts.quarantined());
    counts.coldStartP50Ms().ifPresent(ms -> map.put("coldStartP50Ms", ms));
    return map;
  }

  private static long lag(Reader reader, Map<String, Long> lags) {
    return lags.getOrDefault(TopicName.group(reader), 0L);
  }

  Answer invocations(Request request) {
    Optional<String> pipeline = request.parameter("pipeline");
    Optional<String> task = request.parameter("task");
    int last = request.number("last", 20, 0, 10_000);
    boolean follow = request.flag("follow");
    return new Answer.Lines(
        "application/x-ndjson",
        sink -> {
          long newest = journal.newest();
          for (Invocation each : journal.last(pipeline, task, last)) {
            newest = Math.max(newest, each.seq());
            sink.line(Json.MAPPER.writeValueAsString(each.json()));
          }
          while (follow && sink.open()) {
            long seen = signal.changes();
            List<Invocation> more = journal.after(newest, pipeline, task);
            for (Invocation each : more) {
              newest = each.seq();
              sink.line(Json.MAPPER.writeValueAsString(each.json()));
            }
            if (more.isEmpty()) {
              signal.await(seen, IDLE);
            }
          }
        });
  }
}
