package dev.koalja.knative.serving.local;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Scale;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.TaskName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one group of processes runs: the functions of an app that share processes, or one isolated
 * function.
 *
 * @param key tells groups apart
 * @param concurrency requests at the same time in one process, for each task, in pipeline order
 * @param min processes at least: the greatest that a task asks for
 * @param max processes at most: the greatest that a task allows
 * @param idle the longest that a task asks for
 * @param timeout the longest that a call of a task may take
 */
record GroupSpec(
    Key key,
    Map<TaskName, Integer> concurrency,
    int min,
    int max,
    Duration idle,
    Duration timeout) {
  GroupSpec {
    concurrency = Collections.unmodifiableMap(new LinkedHashMap<>(concurrency));
  }

  /**
   * The identity of a group.
   *
   * @param isolated the task that has the group to itself; absent for the shared one
   */
  record Key(PipelineName pipeline, AppName app, Optional<TaskName> isolated) {}

  /** The groups that these tasks of a pipeline form. */
  static List<GroupSpec> of(PipelineName pipeline, List<Task> tasks) {
    Map<Key, Map<TaskName, Scale>> groups = new LinkedHashMap<>();
    Map<Key, Duration> timeouts = new LinkedHashMap<>();
    for (Task task : tasks) {
      switch (task.kind()) {
        case TaskKind.Function(var app, var isolated, var scale) -> {
          Key key = new Key(pipeline, app, isolated ? Optional.of(task.name()) : Optional.empty());
          groups.computeIfAbsent(key, _ -> new LinkedHashMap<>()).put(task.name(), scale);
          timeouts.merge(
              key, task.delivery().timeout(), (one, two) -> one.compareTo(two) < 0 ? two : one);
        }
        case TaskKind.Container _ -> {
          // an image needs an engine, and this machine has none
        }
        case TaskKind.Filter _ -> {
          // the router does that
        }
      }
    }
    List<GroupSpec> specs = new ArrayList<>();
    groups.forEach(
        (key, scales) -> specs.add(of(key, scales, timeouts.getOrDefault(key, Duration.ZERO))));
    return specs;
  }

  private static GroupSpec of(Key key, Map<TaskName, Scale> scales, Duration timeout) {
    Map<TaskName, Integer> concurrency = new LinkedHashMap<>();
    scales.forEach((task, scale) -> concurrency.put(task, scale.concurrency()));
    return new GroupSpec(
        key,
        concurrency,
        scales.values().stream().mapToInt(Scale::min).max().orElse(0),
        scales.values().stream().mapToInt(Scale::max).max().orElse(1),
        scales.values().stream().map(Scale::idle).max(Duration::compareTo).orElse(Duration.ZERO),
        timeout);
  }
}
