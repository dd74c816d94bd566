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
import dev.koalja.pipeline.event.TopicName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Checks what no single element shows: links that meet nobody, types that do not fit, loops. */
final class GraphCheck {
  private static final int MAX_ELEMENTS = 10_000;
  private static final int MAX_TOPIC_LENGTH = 249;

  private final Pipeline pipeline;
  private final Map<String, Location> places;
  private final List<Problem> problems;

  GraphCheck(Pipeline pipeline, Map<String, Location> places, List<Problem> problems) {
    this.pipeline = pipeline;
    this.places = places;
    this.problems = problems;
  }

  void check() {
    if (pipeline.tasks().size() + pipeline.triggers().size() + pipeline.links().size()
        > MAX_ELEMENTS) {
      problem("", "spec", "has more than %d elements".formatted(MAX_ELEMENTS));
      return;
    }
    misspeltLinks();
    types();
    loops();
    oneAppOneScale();
    topicLengths();
  }

  /** A link that nobody writes or declares, and whose name is nearly one that is: a slip. */
  private void misspeltLinks() {
    Set<String> declared = new HashSet<>();
    Set<String> written = new LinkedHashSet<>();
    pipeline.triggers().forEach(trigger -> written.add(trigger.link().value()));
    pipeline
        .tasks()
        .forEach(task -> task.outputs().forEach(output -> written.add(output.link().value())));
    pipeline.links().stream()
        .map(link -> link.name().value())
        .filter(name -> places.containsKey("links." + name))
        .forEach(declared::add);
    Set<String> known = new LinkedHashSet<>(written);
    known.addAll(declared);
    for (Task task : pipeline.tasks()) {
      for (Input input : task.inputs()) {
        String link = input.link().value();
        if (!known.contains(link)) {
          Suggestion.nearest(link, known)
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

  private void types() {
    for (Link link : pipeline.links()) {
      for (Task writer : pipeline.tasks()) {
        for (Output output : writer.outputs()) {
          if (output.link().equals(link.name())) {
            output.type().ifPresent(type -> typesFit(link, writer, type));
          }
        }
      }
    }
  }

  private void typesFit(Link link, Task writer, String written) {
    link.type()
        .filter(declared -> !declared.equals(written))
        .ifPresent(
            declared ->
                problem(
                    "links." + link.name(),
                    "links." + link.name(),
                    "declared as %s, written by %s as %s"
                        .formatted(declared, writer.name(), written)));
    for (Task reader : pipeline.tasks()) {
      for (Input input : reader.inputs()) {
        Optional<String> read = input.link().equals(link.name()) ? input.type() : Optional.empty();
        read.filter(type -> !type.equals(written))
            .ifPresent(
                type ->
                    problem(
                        "reads." + link.name(),
                        "links." + link.name(),
                        "written by %s as %s, read by %s as %s"
                            .formatted(writer.name(), written, reader.name(), type)));
      }
    }
  }

  /** An event that goes round a loop never ends; the first link of each loop is named. */
  private void loops() {
    Map<LinkName, List<Task>> readers = new HashMap<>();
    for (Task task : pipeline.tasks()) {
      for (Input input : task.inputs()) {
        readers.computeIfAbsent(input.link(), _ -> new ArrayList<>()).add(task);
      }
    }
    Set<TaskName> done = new HashSet<>();
    for (Task start : pipeline.tasks()) {
      if (done.contains(start.name())) {
        continue;
      }
      Deque<Step> path = new ArrayDeque<>();
      Set<TaskName> open = new LinkedHashSet<>();
      path.push(new Step(start, 0));
      open.add(start.name());
      while (!path.isEmpty()) {
        Step step = path.pop();
        List<Task> next =
            step.task.outputs().stream()
                .flatMap(output -> readers.getOrDefault(output.link(), List.of()).stream())
                .toList();
        if (step.next >= next.size()) {
          open.remove(step.task.name());
          done.add(step.task.name());
          continue;
        }
        path.push(new Step(step.task, step.next + 1));
        Task task = next.get(step.next);
        if (open.contains(task.name())) {
          List<String> loop = new ArrayList<>();
          open.forEach(name -> loop.add(name.value()));
          loop.subList(0, loop.indexOf(task.name().value())).clear();
          problem(
              "tasks." + task.name(),
              "tasks." + task.name(),
              "is part of a loop, in which events would run for ever: %s ─▶ %s"
                  .formatted(String.join(" ─▶ ", loop), task.name()));
        } else if (!done.contains(task.name())) {
          path.push(new Step(task, 0));
          open.add(task.name());
        }
      }
    }
  }

  private record Step(Task task, int next) {}

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
    problems.add(new Problem(location, path, message));
  }
}
