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
            shown(definition, task, lags, Optional.ofNullable(counts.get(task.name().value()))));
      }
    }
    return Answer.json(200, tasks);
  }

  private static Map<String, Object> shown(
      Definition definition, Task task, Map<String, Long> lags, Optional<TaskCounts> counts) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pipeline", definition.pipeline().name().value());
    map.put("revision", definition.revision());
    map.put("task", task.name().value());
    map.put(
        "app",
        switch (task.kind()) {
          case TaskKind.Function function -> function.app().value();
          case TaskKind.Container container -> container.image();
        });
    map.put(
        "inputs",
        task.inputs().stream()
            .map(
                input ->
                    Map.of(
                        "name", input.name().value(),
                        "link", input.link().value(),
                        "lag",
                            lags.getOrDefault(
                                TopicName.group(
                                    new Reader(definition.pipeline().name(), task, input)),
                                0L)))
            .toList());
    map.put(
        "outputs",
        task.outputs().stream()
            .map(out -> Map.of("name", out.name().value(), "link", out.link().value()))
            .toList());
    map.put("done", counts.map(TaskCounts::done).orElse(0L));
    map.put("failed", counts.map(TaskCounts::failed).orElse(0L));
    map.put("deadLetters", counts.map(TaskCounts::deadLetters).orElse(0L));
    map.put("quarantined", counts.map(TaskCounts::quarantined).orElse(0L));
    counts.flatMap(TaskCounts::coldStartP50Ms).ifPresent(ms -> map.put("coldStartP50Ms", ms));
    return map;
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
