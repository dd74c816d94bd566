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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the functions of apps as processes of this machine, from zero and back, by Knative's rule.
 *
 * <p>The functions of an app share processes; an isolated function has its own. Each process
 * listens on loopback and ends when this process ends, however it ends. An app that is attached is
 * neither started nor ended nor scaled: its one process is used while it is ready. Container tasks
 * are not run: they need a cluster.
 */
public final class LocalServing implements Serving {
  private static final Logger LOG = Logger.getLogger(LocalServing.class);
  private static final long LOG_LIMIT = 10L * 1024 * 1024;

  /** Whoever starts a process says first that it took too long, and why. */
  private static final Duration MORE_PATIENCE = Duration.ofSeconds(10);

  private final AppCatalog catalog;
  private final Path logs;
  private final LocalSettings settings;
  private final ProcessLauncher launcher;
  private final Map<GroupSpec.Key, AppGroup> groups = new ConcurrentHashMap<>();
  private final Map<PipelineName, Map<TaskName, AppGroup>> tasks = new ConcurrentHashMap<>();
  private final Set<AppGroup> leaving = ConcurrentHashMap.newKeySet();
  private final Map<AppName, StandingBy> prepared = new ConcurrentHashMap<>();
  private final Map<AppName, ReentrantLock> turns = new ConcurrentHashMap<>();
  private final Map<AppName, AppLog> open = new ConcurrentHashMap<>();
  private final List<StartListener> listeners = new CopyOnWriteArrayList<>();
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
    this.launcher =
        build ->
            build.attached()
                ? new AttachedProcess(build)
                : FunctionProcess.launch(build, settings.cacheRequired(), ports, log(build.app()));
    this.ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("koalja-autoscaler").factory());
    catalog.onChange(rebuilt);
    ticker.scheduleAtFixedRate(
        this::tick, settings.tick().toMillis(), settings.tick().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Has {@code listener} told what becomes of starts. */
  public void onStart(StartListener listener) {
    listeners.add(listener);
  }

  /** What came of preparing a build. */
  public sealed interface Prepared {
    /**
     * It takes over with the next revision of a pipeline that has its app.
     *
     * @param processes how many processes of it run already; none where none of the old one did
     */
    record Ready(int processes) implements Prepared {}

    /**
     * It does not start, and is forgotten; what runs goes on.
     *
     * @param why for people
     */
    record DoesNotStart(String why) implements Prepared {}
  }

  /** A build that is ready, and since when, in monotonic nanoseconds. */
  private record StandingBy(AppBuild build, long since) {}

  /**
   * Starts processes of another build of an app beside those that run, and waits until they are
   * ready. They get no request before a revision is applied whose release names their build: so
   * requests that belong to the old wiring meet the old code, and those of the new wiring the new
   * code. Replaces what was prepared before. What no revision asks for ends after a while.
   *
   * @param always whether to start one process at least, so that it is known that the build starts;
   *     else none is started where none of the app runs
   * @throws IllegalArgumentException when it is not built
   */
  public Prepared prepare(AppBuild build, boolean always) throws InterruptedException {
    build.requireBuilt();
    // who asked before may have been killed, and what it asked for goes on
    ReentrantLock turn = turns.computeIfAbsent(build.app(), _ -> new ReentrantLock());
    turn.lockInterruptibly();
    try {
      return prepareNow(build, always);
    } finally {
      turn.unlock();
    }
  }

  private Prepared prepareNow(AppBuild build, boolean always) throws InterruptedException {
    discard(build.app());
    List<AppGroup> its =
        groups.entrySet().stream()
            .filter(each -> each.getKey().app().equals(build.app()))
            .map(Map.Entry::getValue)
            .toList();
    if (always && its.isEmpty()) {
      Optional<String> failure = tryStart(build);
      return failure.isPresent() ? new Prepared.DoesNotStart(failure.get()) : new Prepared.Ready(0);
    }
    boolean one = always && its.stream().allMatch(AppGroup::atZero);
    List<CompletableFuture<Optional<String>>> starts =
        its.stream()
            .map(group -> group.standBy(build, one && group.equals(its.getFirst())))
            .toList();
    for (CompletableFuture<Optional<String>> each : starts) {
      Optional<String> failure = outcome(each);
      if (failure.isPresent()) {
        standDown(build.app());
        return new Prepared.DoesNotStart(failure.get());
      }
    }
    prepared.put(build.app(), new StandingBy(build, System.nanoTime()));
    return new Prepared.Ready(
        (int)
            status().stream()
                .flatMap(each -> each.instances().stream())
                .filter(each -> each.revision().equals(build.revision()))
                .count());
  }

  /** Of an app that no pipeline has yet: a process that is ended as soon as it is ready. */
  private Optional<String> tryStart(AppBuild build) throws InterruptedException {
    while (true) {
      try {
        AppProcess process = launcher.launch(build);
        try {
          process.awaitReady(settings.startTimeout());
          return Optional.empty();
        } finally {
          process.kill();
          process.awaitEnd();
        }
      } catch (StartFailedException e) {
        if (!e.portTaken()) {
          return Optional.of(String.valueOf(e.getMessage()));
        }
      } catch (IOException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }
  }

  private Optional<String> outcome(CompletableFuture<Optional<String>> start)
      throws InterruptedException {
    try {
      return start.get(
          settings.startTimeout().plus(MORE_PATIENCE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return Optional.of("it was not ready in time");
    }
  }

  /** Forgets what was prepared for an app; what runs goes on. */
  public void discard(AppName app) {
    prepared.remove(app);
    standDown(app);
  }

  private void standDown(AppName app) {
    groups.forEach(
        (key, group) -> {
          if (key.app().equals(app)) {
            group.standDown();
          }
        });
  }

  /** The build that is in use, of every app. */
  public Map<AppName, String> revisions() {
    Map<AppName, String> revisions = new TreeMap<>();
    for (AppName app : catalog.apps()) {
      catalog.find(app).ifPresent(build -> revisions.put(app, build.revision()));
    }
    return revisions;
  }

  private void takeOver(Definition definition) {
    definition.pipeline().tasks().stream()
        .map(Task::kind)
        .filter(TaskKind.Function.class::isInstance)
        .map(kind -> ((TaskKind.Function) kind).app())
        .distinct()
        .forEach(
            app ->
                definition
                    .release()
                    .flatMap(release -> catalog.released(app, release))
                    .filter(build -> !Optional.of(build).equals(catalog.find(app)))
                    .ifPresent(this::takeOver));
  }

  private void takeOver(AppBuild build) {
    prepared.remove(build.app());
    catalog.replace(build);
    groups.forEach(
        (key, group) -> {
          if (key.app().equals(build.app())) {
            group.takeOver(build);
          }
        });
  }

  @Override
  public synchronized void apply(Definition definition) {
    if (closed) {
      return;
    }
    takeOver(definition);
    PipelineName pipeline = definition.pipeline().name();
    Map<TaskName, AppGroup> byTask = new HashMap<>();
    Set<GroupSpec.Key> kept = new LinkedHashSet<>();
    for (GroupSpec spec : GroupSpec.of(pipeline, definition.pipeline().tasks())) {
      AppGroup group = groups.get(spec.key());
      if (group == null) {
        group = new AppGroup(spec, catalog, launcher, settings, new Listeners(listeners));
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

  @Override
  public void refuseWaiting(PipelineName pipeline, Task task) {
    AppGroup group = group(pipeline, task);
    if (group != null) {
      group.refuseWaiting(task.name());
    }
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

  /** All of them as one; those that come later too. */
  private record Listeners(List<StartListener> all) implements StartListener {
    @Override
    public void ready(PipelineName pipeline, AppName app, ColdStart start) {
      all.forEach(each -> each.ready(pipeline, app, start));
    }

    @Override
    public void firstReply(PipelineName pipeline, AppName app, Duration took) {
      all.forEach(each -> each.firstReply(pipeline, app, took));
    }

    @Override
    public void ahead(PipelineName pipeline, AppName app, boolean useful) {
      all.forEach(each -> each.ahead(pipeline, app, useful));
    }
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
      long now = System.nanoTime();
      prepared.forEach(
          (app, each) -> {
            if (now - each.since() > settings.standBy().toNanos()) {
              LOG.warnf("the next build of app %s was not taken over and is given up", app);
              discard(app);
            }
          });
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
