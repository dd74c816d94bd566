package dev.koalja.knative.serving.cluster;

import dev.koalja.knative.serving.AppStatus;
import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.Serving;
import dev.koalja.knative.serving.Starts;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.TaskName;
import dev.koalja.pipeline.definition.Definition;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Leaves it all to Knative: every task has the address of its Knative Service, whose activator
 * keeps requests while it starts from zero, and there is always a free place. Starts no process and
 * asks the cluster nothing.
 */
public final class KnativeServing implements Serving {
  private final String namespace;
  private final String clusterDomain;
  private final Map<PipelineName, Pipeline> pipelines = new ConcurrentHashMap<>();

  /**
   * @param namespace where the services are
   */
  public KnativeServing(String namespace) {
    this(namespace, "cluster.local");
  }

  /**
   * @param namespace where the services are
   * @param clusterDomain the DNS suffix of the cluster
   */
  public KnativeServing(String namespace, String clusterDomain) {
    this.namespace = namespace;
    this.clusterDomain = clusterDomain;
  }

  @Override
  public void apply(Definition definition) {
    pipelines.put(definition.pipeline().name(), definition.pipeline());
  }

  @Override
  public void remove(String pipeline) {
    pipelines.remove(new PipelineName(pipeline));
  }

  @Override
  public Lease acquire(PipelineName pipeline, Task task, Duration limit)
      throws UnavailableException {
    Pipeline known = pipelines.get(pipeline);
    if (known == null || known.task(task.name().value()).isEmpty()) {
      throw new UnavailableException(
          "task %s of pipeline %s is not in force".formatted(task.name(), pipeline));
    }
    return new ServiceLease(endpoint(pipeline, task), ServiceName.of(pipeline, task));
  }

  /**
   * The address of a task. Functions have the task as path; a container is asked at its root, where
   * any CloudEvents receiver listens.
   */
  public URI endpoint(PipelineName pipeline, Task task) {
    String path =
        switch (task.kind()) {
          case TaskKind.Function _ -> task.name().value();
          case TaskKind.Container _, TaskKind.Filter _ -> "";
        };
    return URI.create(
        "http://%s.%s.svc.%s/%s"
            .formatted(ServiceName.of(pipeline, task), namespace, clusterDomain, path));
  }

  /** Does nothing: the first event wakes the service, and Knative keeps it meanwhile. */
  @Override
  public void prewarm(PipelineName pipeline, Task task) {}

  /** One entry per service, without instances: those are Knative's to show. */
  @Override
  public List<AppStatus> status() {
    List<AppStatus> all = new ArrayList<>();
    new TreeMap<>(pipelines)
        .forEach(
            (name, pipeline) -> {
              Map<ServiceName, List<TaskName>> services = new TreeMap<>();
              for (Task task : pipeline.tasks()) {
                services
                    .computeIfAbsent(ServiceName.of(name, task), _ -> new ArrayList<>())
                    .add(task.name());
              }
              services.forEach(
                  (service, tasks) ->
                      all.add(
                          new AppStatus(
                              name,
                              service.value(),
                              tasks,
                              List.of(),
                              0,
                              Starts.UNKNOWN,
                              Optional.empty())));
            });
    return all;
  }

  @Override
  public void close() {
    pipelines.clear();
  }

  private record ServiceLease(URI endpoint, ServiceName service) implements Lease {
    @Override
    public String instance() {
      return "service " + service;
    }

    @Override
    public Optional<Duration> coldStart() {
      return Optional.empty();
    }

    @Override
    public boolean bundles() {
      return false;
    }

    @Override
    public void failed() {}

    @Override
    public void close() {}
  }
}
