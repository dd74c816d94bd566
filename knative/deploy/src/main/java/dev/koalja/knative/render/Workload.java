package dev.koalja.knative.render;

import dev.koalja.knative.serving.cluster.ServiceName;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Scale;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.TaskName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tasks that one Knative Service runs: the functions of an app that share instances, one
 * isolated function, or one container.
 *
 * @param service the name of the service
 * @param app the app, for functions
 * @param image the image, for a container; that of an app is known later
 * @param port the port it listens on
 * @param tasks in the order of the pipeline
 * @param scale the greatest minimum, maximum and idle time of its tasks, and the smallest
 *     concurrency: a promise made to one function must hold for the instance it shares
 * @param timeout the longest of its tasks
 */
record Workload(
    ServiceName service,
    Optional<AppName> app,
    Optional<String> image,
    int port,
    List<TaskName> tasks,
    Scale scale,
    Duration timeout) {
  private static final int FUNCTION_PORT = 8080;

  private record Identity(ServiceName service, Optional<AppName> app, boolean isolated) {}

  /**
   * The workloads of a pipeline, by name.
   *
   * @throws IllegalArgumentException when two would have one name
   */
  static List<Workload> of(Pipeline pipeline) {
    Map<Identity, List<Task>> groups = new LinkedHashMap<>();
    for (Task task : pipeline.tasks()) {
      if (task.kind() instanceof TaskKind.Filter) {
        continue; // the router does that
      }
      ServiceName service = ServiceName.of(pipeline.name(), task);
      Identity identity =
          switch (task.kind()) {
            case TaskKind.Function(var app, var isolated, _) ->
                new Identity(service, Optional.of(app), isolated);
            case TaskKind.Container _ -> new Identity(service, Optional.empty(), true);
            case TaskKind.Filter _ -> throw new IllegalStateException("left out above");
          };
      groups.computeIfAbsent(identity, _ -> new ArrayList<>()).add(task);
    }
    Map<ServiceName, Workload> workloads = new LinkedHashMap<>();
    groups.forEach(
        (identity, tasks) -> {
          Workload workload = of(identity, tasks);
          Workload other = workloads.putIfAbsent(identity.service(), workload);
          if (other != null) {
            throw new IllegalArgumentException(
                "tasks %s and %s would both be the Knative Service %s: rename one"
                    .formatted(other.tasks(), workload.tasks(), identity.service()));
          }
        });
    return workloads.values().stream().sorted(Comparator.comparing(Workload::service)).toList();
  }

  private static Workload of(Identity identity, List<Task> tasks) {
    Optional<String> image = Optional.empty();
    int port = FUNCTION_PORT;
    List<Scale> scales = new ArrayList<>();
    for (Task task : tasks) {
      switch (task.kind()) {
        case TaskKind.Function(_, _, var scale) -> scales.add(scale);
        case TaskKind.Container(var reference, var listens, var scale) -> {
          image = Optional.of(reference);
          port = listens;
          scales.add(scale);
        }
        case TaskKind.Filter _ -> throw new IllegalStateException("has no workload");
      }
    }
    return new Workload(
        identity.service(),
        identity.app(),
        image,
        port,
        tasks.stream().map(Task::name).toList(),
        combined(scales),
        tasks.stream()
            .map(task -> task.delivery().timeout())
            .max(Comparator.naturalOrder())
            .orElseThrow());
  }

  private static Scale combined(Collection<Scale> scales) {
    return new Scale(
        scales.stream().mapToInt(Scale::min).max().orElseThrow(),
        scales.stream().mapToInt(Scale::max).max().orElseThrow(),
        scales.stream().mapToInt(Scale::concurrency).min().orElseThrow(),
        scales.stream().map(Scale::idle).max(Comparator.naturalOrder()).orElseThrow());
  }
}
