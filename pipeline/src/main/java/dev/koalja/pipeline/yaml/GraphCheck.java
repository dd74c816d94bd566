package dev.koalja.pipeline.yaml;

import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.TaskName;
import dev.koalja.pipeline.error.Suggestion;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.schema.DataSchema;
import dev.koalja.pipeline.schema.Mismatch;
import dev.koalja.pipeline.schema.SchemaRules;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Checks what no single element shows: links that meet nobody, types that do not fit, loops. */
final class GraphCheck {
  static final int MAX_ELEMENTS = YamlObject.MAX_ITEMS;
  static final String TOO_MANY = "has more than %d elements".formatted(MAX_ELEMENTS);
  private static final int MAX_SUGGESTIONS = 20;
  private static final int MAX_NAMED = 10;
  private static final int MAX_TOPIC_LENGTH = 249;

  private final Pipeline pipeline;
  private final Map<String, Location> places;
  private final Problems problems;

  GraphCheck(Pipeline pipeline, Map<String, Location> places, Problems problems) {
    this.pipeline = pipeline;
    this.places = places;
    this.problems = problems;
  }

  /**
   * Adds what is wrong to the problems.
   *
   * @param slips whether what is allowed but hardly meant is wrong too
   */
  void check(boolean slips) {
    if (pipeline.tasks().size() + pipeline.triggers().size() + pipeline.links().size()
        > MAX_ELEMENTS) {
      problem("", "spec", TOO_MANY);
      return;
    }
    if (slips) {
      misspeltLinks();
    }
    types(slips);
    loops();
    oneAppOneScale();
    deduplication();
    topicLengths();
  }

  /** A link that nobody writes or declares, and whose name is nearly one that is: a slip. */
  private void misspeltLinks() {
    Set<String> known = new LinkedHashSet<>();
    pipeline.triggers().forEach(trigger -> known.add(trigger.link().value()));
    pipeline
        .tasks()
        .forEach(
            task -> {
              task.outputs().forEach(output -> known.add(output.link().value()));
              task.delivery().deadLetter().ifPresent(link -> known.add(link.value()));
            });
    pipeline.links().stream()
        .filter(Link::declared)
        .forEach(link -> known.add(link.name().value()));
    // each is compared with all that are known: who misspells so many has heard enough
    Map<String, Optional<String>> unknown = new HashMap<>();
    for (Task task : pipeline.tasks()) {
      for (Input input : task.inputs()) {
        String link = input.link().value();
        if (!known.contains(link)
            && (unknown.containsKey(link) || unknown.size() < MAX_SUGGESTIONS)) {
          unknown
              .computeIfAbsent(link, _ -> Suggestion.nearest(link, known))
              .ifPresent(
                  near ->
                      problem(
                          "reads." + link,
                          "tasks.%s.inputs.%s".formatted(task.name(), input.name()),
                          ("no link is called \"%s\": did you mean \"%s\"? (if not, declare it"
                                  + " under links)")
                              .formatted(link, near)));
        }
      }
    }
  }

  /**
   * Where both sides say what their data looks like, that is compared; else the names of the types
   * are.
   *
   * @param shapes whether to compare shapes too; a pipeline in force is not refused by rules that
   *     came later
   */
  private void types(boolean shapes) {
    Map<LinkName, Map<String, TaskName>> written = new HashMap<>();
    Map<LinkName, List<Written>> writers = new HashMap<>();
    for (Task task : pipeline.tasks()) {
      for (Output output : task.outputs()) {
        output
            .type()
            .ifPresent(
                type ->
                    written
                        .computeIfAbsent(output.link(), _ -> new LinkedHashMap<>())
                        .putIfAbsent(type, task.name()));
        if (output.type().isPresent() || output.schema().isPresent()) {
          List<Written> known = writers.computeIfAbsent(output.link(), _ -> new ArrayList<>());
          // of those that write the same, the first is named
          if (known.stream().noneMatch(each -> each.saysTheSame(output))) {
            known.add(new Written(task, output));
          }
        }
      }
    }
    for (Link link : pipeline.links()) {
      link.type().ifPresent(type -> declaredFits(link, type, written));
    }
    for (Task task : pipeline.tasks()) {
      for (Input input : task.inputs()) {
        for (Written writer : writers.getOrDefault(input.link(), List.of())) {
          readFits(writer, task, input, shapes);
        }
      }
    }
  }

  /** What a task writes. */
  private record Written(Task task, Output output) {
    boolean saysTheSame(Output other) {
      return output.type().equals(other.type()) && output.schema().equals(other.schema());
    }
  }

  private void declaredFits(
      Link link, String declared, Map<LinkName, Map<String, TaskName>> written) {
    String place = "links." + link.name();
    written
        .getOrDefault(link.name(), Map.of())
        .forEach(
            (type, writer) -> {
              if (!type.equals(declared)) {
                problem(
                    place,
                    place,
                    "declared as %s, written by %s as %s".formatted(declared, writer, type));
              }
            });
  }

  private void readFits(Written writer, Task reader, Input input, boolean shapes) {
    Output output = writer.output();
    boolean named = output.type().isPresent() && input.type().isPresent();
    boolean sameName = output.type().equals(input.type());
    if (output.schema().isPresent() && input.schema().isPresent()) {
      if (shapes) {
        shapesFit(writer, reader, input, named && !sameName);
      }
    } else if (named && !sameName) {
      problem(
          "reads." + input.link(),
          "links." + input.link(),
          "written by %s as %s, read by %s as %s"
              .formatted(
                  writer.task().name(),
                  output.type().orElseThrow(),
                  reader.name(),
                  input.type().orElseThrow()));
    }
  }

  private void shapesFit(Written writer, Task reader, Input input, boolean view) {
    Output output = writer.output();
    DataSchema produced = output.schema().orElseThrow();
    DataSchema consumed = input.schema().orElseThrow();
    List<Mismatch> mismatches =
        view
            ? SchemaRules.compareView(produced, consumed)
            : SchemaRules.compare(produced, consumed);
    for (Mismatch mismatch : mismatches) {
      problem(
          "reads." + input.link(),
          "links." + input.link(),
          "written by %s, read by %s: %s"
              .formatted(side(writer.task(), output.type()), side(reader, input.type()), mismatch));
    }
  }

  /** A task, its app, and what its type is called. */
  private static String side(Task task, Optional<String> type) {
    String app =
        task.kind() instanceof TaskKind.Function function
            ? " (app %s)".formatted(function.app())
            : "";
    return task.name() + app + type.map(each -> " as " + each).orElse("");
  }

  /**
   * An event that goes round a loop never ends; the first task of each loop is named. Tasks and
   * links are both steps of the way, so that each is passed once, however many meet at a link.
   */
  private void loops() {
    Map<LinkName, List<Task>> readers = new HashMap<>();
    for (Task task : pipeline.tasks()) {
      for (Input input : task.inputs()) {
        readers.computeIfAbsent(input.link(), _ -> new ArrayList<>()).add(task);
      }
    }
    Set<Object> done = new HashSet<>();
    for (Task start : pipeline.tasks()) {
      if (done.contains(start.name())) {
        continue;
      }
      Deque<Step> path = new ArrayDeque<>();
      Set<Object> open = new LinkedHashSet<>();
      path.push(step(start));
      open.add(start.name());
      while (!path.isEmpty()) {
        Step step = path.peek();
        if (!step.next.hasNext()) {
          path.pop();
          open.remove(step.node);
          done.add(step.node);
          continue;
        }
        Object next = step.next.next();
        Object node = next instanceof Task task ? task.name() : next;
        if (open.contains(node)) {
          loop(open, node);
        } else if (!done.contains(node)) {
          path.push(
              next instanceof Task task
                  ? step(task)
                  : new Step(node, readers.getOrDefault(node, List.of()).iterator()));
          open.add(node);
        }
      }
    }
  }

  private void loop(Set<Object> open, Object first) {
    List<String> tasks =
        open.stream()
            .dropWhile(node -> !node.equals(first))
            .filter(TaskName.class::isInstance)
            .limit(MAX_NAMED + 1)
            .map(Object::toString)
            .toList();
    String start = tasks.getFirst();
    String way =
        tasks.size() > MAX_NAMED
            ? String.join(" ─▶ ", tasks.subList(0, MAX_NAMED)) + " ─▶ …"
            : String.join(" ─▶ ", tasks);
    problem(
        "tasks." + start,
        "tasks." + start,
        "is part of a loop, in which events would run for ever: %s ─▶ %s".formatted(way, start));
  }

  private static Step step(Task task) {
    Stream<LinkName> written = task.outputs().stream().map(Output::link);
    return new Step(
        task.name(),
        Stream.concat(written, task.delivery().deadLetter().stream()).distinct().iterator());
  }

  /** A task or link on the way, and where the way can go on. */
  private record Step(Object node, Iterator<?> next) {}

  /** Functions that share a process share its scale. */
  private void oneAppOneScale() {
    Map<String, Task> first = new HashMap<>();
    for (Task task : pipeline.tasks()) {
      if (task.kind() instanceof TaskKind.Function function && !function.isolated()) {
        Task other = first.putIfAbsent(function.app().value(), task);
        if (other != null
            && other.kind() instanceof TaskKind.Function shared
            && !shared.scale().equals(function.scale())) {
          problem(
              "tasks." + task.name(),
              "tasks.%s.function.scale".formatted(task.name()),
              "differs from that of %s, with which it shares the processes of app %s: make them equal, or set isolated: true"
                  .formatted(other.name(), function.app()));
        }
      }
    }
  }

  /** What came before is looked up on the link itself. */
  private void deduplication() {
    for (Task task : pipeline.tasks()) {
      Duration window = task.delivery().deduplicate().orElse(Duration.ZERO);
      for (Input input : task.inputs()) {
        Duration kept = pipeline.link(input.link().value()).orElseThrow().retention();
        if (window.compareTo(kept) > 0) {
          problem(
              "tasks." + task.name(),
              "tasks.%s.delivery.deduplicate".formatted(task.name()),
              "is %s, longer than link %s keeps its events, which is %s"
                  .formatted(Durations.format(window), input.link(), Durations.format(kept)));
        }
      }
    }
  }

  private void topicLengths() {
    for (Reader reader : pipeline.readers()) {
      if (TopicName.quarantine(reader).length() > MAX_TOPIC_LENGTH) {
        problem(
            "tasks." + reader.task().name(),
            "tasks.%s.inputs.%s".formatted(reader.task().name(), reader.input().name()),
            "pipeline, task and input names are too long together for a topic name");
      }
    }
  }

  private void problem(String place, String path, String message) {
    Location location = places.getOrDefault(place, new Location(pipeline.name() + "", 1, 1));
    problems.add(location, path, message);
  }
}
