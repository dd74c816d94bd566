package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.AppStatus;
import dev.koalja.knative.serving.ColdStart;
import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.Serving;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.TaskName;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the functions of apps as processes of this machine, from zero and back, by Knative's rule.
 *
 * <p>The functions of an app share processes; an isolated function has its own. Each process
 * listens on loopback and ends when this process ends, however it ends. Container tasks are not
 * run: they need a cluster.
 */
public final class LocalServing implements Serving {
  private static final Logger LOG = Logger.getLogger(LocalServing.class);
  private static final long LOG_LIMIT = 10L * 1024 * 1024;

  private final AppCatalog catalog;
  private final Path logs;
  private final LocalSettings settings;
  private final ProcessLauncher launcher;
  private final Map<GroupSpec.Key, AppGroup> groups = new ConcurrentHashMap<>();
  private final Map<PipelineName, Map<TaskName, AppGroup>> tasks = new ConcurrentHashMap<>();
  private final Set<AppGroup> leaving = ConcurrentHashMap.newKeySet();
  private final Map<AppName, AppLog> open = new ConcurrentHashMap<>();
  private final List<ColdStartListener> listeners = new CopyOnWriteArrayList<>();
  private final Consumer<AppName> rebuilt = this::rebuilt;
  private final ScheduledExecutorService ticker;
  private boolean closed;

  /**
   * A serving with the default limits.
   *
   * @param logs the folder for what processes print
   */
  public LocalServing(AppCatalog catalog, Path logs) {
    this(catalog, logs, LocalSettings.DEFAULT);
  }

  public LocalServing(AppCatalog catalog, Path logs, LocalSettings settings) {
    this.catalog = catalog;
    this.logs = logs;
    this.settings = settings;
    LoopbackPorts ports = new LoopbackPorts();
    this.launcher = build -> FunctionProcess.launch(build, ports, log(build.app()));
    this.ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("koalja-autoscaler").factory());
    catalog.onChange(rebuilt);
    ticker.scheduleAtFixedRate(
        this::tick, settings.tick().toMillis(), settings.tick().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Has {@code listener} told about every start that succeeds. */
  public void onColdStart(ColdStartListener listener) {
    listeners.add(listener);
  }

  @Override
  public synchronized void apply(Definition definition) {
    if (closed) {
      return;
    }
    PipelineName pipeline = definition.pipeline().name();
    Map<TaskName, AppGroup> byTask = new HashMap<>();
    Set<GroupSpec.Key> kept = new LinkedHashSet<>();
    for (GroupSpec spec : GroupSpec.of(pipeline, definition.pipeline().tasks())) {
      AppGroup group = groups.get(spec.key());
      if (group == null) {
        group = new AppGroup(spec, catalog, launcher, settings, this::started);
        groups.put(spec.key(), group);
      } else {
        group.change(spec);
      }
      kept.add(spec.key());
      for (TaskName task : spec.concurrency().keySet()) {
        byTask.put(task, group);
      }
    }
    tasks.put(pipeline, Map.copyOf(byTask));
    retire(pipeline, kept, settings.drainTimeout());
  }

  @Override
  public synchronized void remove(String pipeline) {
    PipelineName name = new PipelineName(pipeline);
    tasks.remove(name);
    retire(name, Set.of(), settings.drainTimeout());
  }

  private void retire(PipelineName pipeline, Set<GroupSpec.Key> kept, Duration limit) {
    for (GroupSpec.Key key : List.copyOf(groups.keySet())) {
      if (key.pipeline().equals(pipeline) && !kept.contains(key)) {
        AppGroup group = groups.remove(key);
        if (group != null) {
          leaving.add(group);
          group.close(limit);
        }
      }
    }
  }

  @Override
  public Lease acquire(PipelineName pipeline, Task task, Duration limit)
      throws InterruptedException, UnavailableException {
    AppGroup group = group(pipeline, task);
    if (group == null) {
      throw new UnavailableException(
          switch (task.kind()) {
            case TaskKind.Container(var image, _, _) ->
                "task %s runs the image %s, which needs a cluster: this machine runs functions only"
                    .formatted(task.name(), image);
            case TaskKind.Function _, TaskKind.Filter _ ->
                "task %s of pipeline %s is not in force".formatted(task.name(), pipeline);
          });
    }
    return group.acquire(task.name(), limit);
  }

  private @Nullable AppGroup group(PipelineName pipeline, Task task) {
    return tasks.getOrDefault(pipeline, Map.of()).get(task.name());
  }

  @Override
  public void prewarm(PipelineName pipeline, Task task) {
    AppGroup group = group(pipeline, task);
    if (group != null) {
      group.prewarm();
    }
  }

  @Override
  public List<AppStatus> status() {
    return Stream.concat(
            groups.values().stream().map(AppGroup::status),
            leaving.stream().map(AppGroup::status).filter(status -> !status.instances().isEmpty()))
        .sorted(
            Comparator.comparing(AppStatus::pipeline)
                .thenComparing(AppStatus::app)
                .thenComparing(status -> status.tasks().toString()))
        .toList();
  }

  /**
   * The last {@code count} lines that processes of {@code app} printed, oldest first, each with the
   * process id in brackets before it.
   *
   * @throws KoaljaException with {@link ErrorCode#UNKNOWN_PATH} when no such app ever ran
   */
  public List<String> lastLines(AppName app, int count) {
    return knownLog(app).last(count);
  }

  /**
   * The last {@code count} lines and all that come.
   *
   * @throws KoaljaException with {@link ErrorCode#UNKNOWN_PATH} when no such app ever ran
   */
  public LogFollower follow(AppName app, int count) {
    return knownLog(app).follow(count);
  }

  private AppLog knownLog(AppName app) {
    if (catalog.find(app).isEmpty() && !Files.exists(logs.resolve(app + ".log"))) {
      throw new KoaljaException(
          ErrorCode.UNKNOWN_PATH, "no app is called %s; known: %s".formatted(app, catalog.apps()));
    }
    return log(app);
  }

  private AppLog log(AppName app) {
    return open.computeIfAbsent(app, name -> new AppLog(logs, name.value(), LOG_LIMIT));
  }

  private void started(PipelineName pipeline, AppName app, ColdStart coldStart) {
    listeners.forEach(listener -> listener.started(pipeline, app, coldStart));
  }

  private void rebuilt(AppName app) {
    groups.forEach(
        (key, group) -> {
          if (key.app().equals(app)) {
            group.buildChanged();
          }
        });
  }

  private void tick() {
    try {
      groups.values().forEach(AppGroup::tick);
      leaving.removeIf(AppGroup::ended);
    } catch (RuntimeException e) {
      // the ticker would silently never run again
      LOG.error("scaling failed once", e);
    }
  }

  /**
   * Takes as long as its processes do to end, which is a moment when nothing is in flight, and
   * {@link LocalSettings#closeTimeout} at most, whatever they do.
   */
  @Override
  public void close() {
    long deadline = System.nanoTime() + settings.closeTimeout().toNanos();
    synchronized (this) {
      closed = true;
      catalog.offChange(rebuilt);
      for (PipelineName pipeline : List.copyOf(tasks.keySet())) {
        tasks.remove(pipeline);
        retire(pipeline, Set.of(), settings.closeTimeout());
      }
    }
    ticker.shutdown();
    try {
      for (AppGroup group : leaving) {
        group.awaitEnded(deadline);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    open.values().forEach(AppLog::close);
  }
}
