package dev.koalja.cli.reload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.PipelineApply;
import dev.koalja.cli.project.Circuits;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.project.ProjectBuild;
import dev.koalja.cli.show.CircuitText;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.launch.BuilderProcess;
import dev.koalja.launch.LaunchException;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings every change of some projects into their running circuit. One change after the other:
 *
 * <ol>
 *   <li>build the projects that changed, into new folders;
 *   <li>read the pipelines that all projects mean together now;
 *   <li>have the breadboard start processes of the new code beside the old;
 *   <li>apply the next revision of the pipelines: with it requests go to the new code, and the old
 *       processes finish what they have and end.
 * </ol>
 *
 * <p>Whatever goes wrong on the way, what ran before goes on, and people are told why.
 */
public final class LiveReload implements AutoCloseable {
  /** How long a change may wait for a breadboard that is started again, or for long calls. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int LOG_LINES = 400;
  private static final Duration TIDYING = Duration.ofSeconds(60);

  private final SourceWatch watch;
  private final Builds builds;
  private final ControlClient control;
  private final Screen screen;
  private final Consumer<String> detail;
  private final Path log;
  private final Map<Path, FunctionProject> projects = new LinkedHashMap<>();
  private final Map<String, Pipeline> inForce = new HashMap<>();
  private final Map<String, Long> revisions = new HashMap<>();
  private final Set<FunctionProject> owed = new LinkedHashSet<>();
  private final Set<String> changedFunctions = new TreeSet<>();
  private final Map<Path, String> forMaven = new HashMap<>();
  private final Thread thread;
  private volatile boolean closed;
  private @Nullable BuilderProcess builder;

  /**
   * @param watch sees every change since the projects were built
   * @param projects as they were built
   * @param detail is told how long each step took
   * @param log where the process that builds writes its log
   */
  public LiveReload(
      SourceWatch watch,
      List<FunctionProject> projects,
      Builds builds,
      ControlClient control,
      Screen screen,
      Consumer<String> detail,
      Path log) {
    this.watch = watch;
    this.builds = builds;
    this.control = control;
    this.screen = screen;
    this.detail = detail;
    this.log = log;
    projects.forEach(each -> this.projects.put(each.folder(), each));
    this.thread = Thread.ofPlatform().daemon().name("koalja-reload").unstarted(this::run);
  }

  /** Says what is in force already. */
  public void applied(Pipeline pipeline, long revision) {
    inForce.put(pipeline.name().value(), pipeline);
    revisions.put(pipeline.name().value(), revision);
  }

  /** Begins. */
  public void start() {
    thread.start();
  }

  private void run() {
    try {
      warmUp();
      while (!closed) {
        SourceWatch.Change change = watch.await();
        try {
          reload(change);
        } catch (CliException e) {
          failed(String.valueOf(e.getMessage()), e.details());
        } catch (IOException | RuntimeException e) {
          failed("the change could not be brought in: " + e, List.of());
        }
      }
    } catch (InterruptedException | java.nio.file.ClosedWatchServiceException e) {
      // the run ends
    }
  }

  /** Builds once for nothing: the first build takes ten times as long as those that follow. */
  private void warmUp() {
    for (FunctionProject project : projects.values()) {
      if (project.hasFunctions() && !closed) {
        try {
          switch (warm().build(project.folder(), builds.work(project))) {
            case BuilderProcess.Answer.ForMaven(var reason) -> useMaven(project, reason);
            case BuilderProcess.Answer.Built(var functions) -> changedFunctions.addAll(functions);
            case BuilderProcess.Answer.Broken _ -> {
              // somebody was quick: it comes as a change
            }
          }
        } catch (IOException | LaunchException | CliException e) {
          useMaven(project, String.valueOf(e.getMessage()));
        }
      }
    }
  }

  private void useMaven(FunctionProject project, String reason) {
    if (!reason.equals(forMaven.put(project.folder(), reason)) && !closed) {
      screen.note(
          "Changes of %s are built by Maven, which takes longer: %s"
              .formatted(project.name(), reason));
    }
  }

  private synchronized BuilderProcess warm() {
    if (closed) {
      throw CliException.unavailable("the run ends");
    }
    BuilderProcess now = builder;
    if (now == null || !now.alive()) {
      now = BuilderProcess.start(log);
      builder = now;
    }
    return now;
  }

  /** What a project was built to. */
  private sealed interface Outcome {
    record Built(Path packaged, Path inferred, boolean move, List<String> functions)
        implements Outcome {}

    record Broken(List<String> problems) implements Outcome {}
  }

  private void reload(SourceWatch.Change change) throws IOException, InterruptedException {
    Map<Path, FunctionProject> next = new LinkedHashMap<>(projects);
    Map<String, Integer> fresh = new LinkedHashMap<>();
    Set<FunctionProject> changed = new LinkedHashSet<>(owed);
    changed.addAll(change.projects());
    owed.clear();
    for (FunctionProject project : changed) {
      if (!project.hasFunctions()) {
        continue;
      }
      switch (build(project)) {
        case Outcome.Broken(var problems) ->
            failed(project.name() + " is not rebuilt, " + counted(problems), problems);
        case Outcome.Built built -> {
          changedFunctions.addAll(built.functions);
          next.put(project.folder(), keep(project, built, fresh));
        }
      }
    }
    if (closed) {
      return;
    }
    Circuits circuits;
    try {
      circuits = Circuits.read(List.copyOf(next.values()));
    } catch (InvalidPipelineException e) {
      owed.addAll(changed);
      fresh.forEach(builds::remove);
      failed(
          "The wiring is wrong, " + counted(e.problems()),
          e.problems().stream().map(Object::toString).toList());
      return;
    }
    if (bring(circuits, fresh, List.copyOf(changedFunctions), change.noticed())) {
      projects.putAll(next);
      changedFunctions.clear();
    } else {
      owed.addAll(changed);
      fresh.forEach(builds::remove);
    }
  }

  private Outcome build(FunctionProject project) throws IOException {
    screen.doing("Building " + project.name() + " …");
    Path work = builds.work(project);
    switch (answer(project, work)) {
      case BuilderProcess.Answer.Built(var functions) -> {
        return new Outcome.Built(
            work.resolve("target/quarkus-app"),
            work.resolve("target/koalja/pipeline.yaml"),
            true,
            functions);
      }
      case BuilderProcess.Answer.Broken(var problems) -> {
        return new Outcome.Broken(problems);
      }
      case BuilderProcess.Answer.ForMaven(var reason) -> useMaven(project, reason);
    }
    List<String> problems = ProjectBuild.again(project);
    return problems.isEmpty()
        ? new Outcome.Built(
            project.packaged(),
            project.folder().resolve("target/koalja/pipeline.yaml"),
            false,
            List.of())
        : new Outcome.Broken(problems);
  }

  private BuilderProcess.Answer answer(FunctionProject project, Path work) {
    try {
      return warm().build(project.folder(), work);
    } catch (LaunchException | CliException e) {
      return new BuilderProcess.Answer.ForMaven(String.valueOf(e.getMessage()));
    }
  }

  /** Puts a build where nothing changes it any more. */
  private FunctionProject keep(
      FunctionProject project, Outcome.Built built, Map<String, Integer> fresh) throws IOException {
    FunctionProject now = project.builtElsewhere(built.inferred);
    FunctionProject kept = now;
    for (String app : now.apps()) {
      int number = builds.add(app, built.packaged, built.inferred, built.move);
      fresh.put(app, number);
      kept = project.builtElsewhere(builds.pipeline(app, number));
    }
    return kept;
  }

  /** Returns whether it is in force; otherwise people were told why not. */
  private boolean bring(
      Circuits circuits, Map<String, Integer> fresh, List<String> functions, Instant noticed)
      throws IOException, InterruptedException {
    Instant limit = Instant.now().plus(PATIENCE);
    while (true) {
      try {
        return tryToBring(circuits, fresh, functions, noticed);
      } catch (CliException e) {
        // it may just be started again
        if (e.exit() != Exit.UNAVAILABLE || closed || Instant.now().isAfter(limit)) {
          throw e;
        }
        Thread.sleep(PAUSE);
      }
    }
  }

  private boolean tryToBring(
      Circuits circuits, Map<String, Integer> fresh, List<String> functions, Instant noticed)
      throws IOException, InterruptedException {
    Instant built = Instant.now();
    Map<String, String> wanted = new HashMap<>();
    JsonNode before = control.get("/serving/builds");
    for (Map.Entry<String, Integer> each : fresh.entrySet()) {
      try {
        wanted.put(each.getKey(), prepare(each.getKey(), each.getValue()));
      } catch (CliException e) {
        if (e.exit() == Exit.UNAVAILABLE) {
          throw e;
        }
        fresh.keySet().forEach(this::discard);
        failed(each.getKey() + " does not start", words(each.getKey(), e));
        return false;
      }
    }
    Instant started = Instant.now();
    Map<String, Optional<Integer>> pointers = new HashMap<>();
    for (Map.Entry<String, Integer> each : fresh.entrySet()) {
      pointers.put(each.getKey(), builds.inUse(each.getKey()));
      builds.use(each.getKey(), each.getValue());
    }
    List<Pipeline> pipelines = changed(circuits, fresh.keySet());
    Map<Pipeline, Long> applied = new LinkedHashMap<>();
    try {
      for (Pipeline pipeline : pipelines) {
        applied.put(pipeline, PipelineApply.apply(control, pipeline, uses(pipeline, fresh)));
      }
    } catch (CliException e) {
      for (Map.Entry<String, Optional<Integer>> each : pointers.entrySet()) {
        if (each.getValue().isPresent()) {
          builds.use(each.getKey(), each.getValue().get());
        }
      }
      if (e.exit() == Exit.UNAVAILABLE) {
        throw e;
      }
      fresh.keySet().forEach(this::discard);
      failed(String.valueOf(e.getMessage()), e.details());
      return false;
    }
    Instant applying = Instant.now();
    awaitTakenOver(wanted);
    Duration took = Duration.between(noticed, Instant.now());
    detail.accept(
        "built after %s, started in %s, applied in %s, followed in %s"
            .formatted(
                Words.duration(Duration.between(noticed, built)),
                Words.duration(Duration.between(built, started)),
                Words.duration(Duration.between(started, applying)),
                Words.duration(Duration.between(applying, Instant.now()))));
    applied.forEach((pipeline, revision) -> say(pipeline, revision, fresh, functions, took));
    pointers.forEach(
        (app, number) -> number.ifPresent(old -> tidy(app, old, before.path(app).asText(""))));
    return true;
  }

  private String prepare(String app, int number) {
    return control
        .send("PUT", "/serving/apps/%s/next?build=%d".formatted(app, number), Map.of(), new byte[0])
        .path("revision")
        .asText();
  }

  /** What the process that ended last said of it, without the places of stack traces. */
  private List<String> words(String app, CliException refusal) {
    List<String> lines = new ArrayList<>();
    try {
      control.text(
          "/serving/logs/%s?last=%d".formatted(app, LOG_LINES),
          line -> {
            lines.add(line);
            return true;
          });
      for (JsonNode each : control.get("/serving/apps")) {
        for (JsonNode instance : each.path("instances")) {
          String running = "[" + instance.path("pid").asLong() + "]";
          lines.removeIf(line -> line.startsWith(running)); // the old one goes on talking
        }
      }
    } catch (CliException e) {
      // what the refusal says has to do
    }
    List<String> words = StartFailure.words(lines);
    return words.isEmpty()
        ? List.of(String.valueOf(refusal.getMessage()).replaceFirst("^\\d{3} ", ""))
        : words;
  }

  private void discard(String app) {
    try {
      control.send("DELETE", "/serving/apps/" + app + "/next", Map.of(), new byte[0]);
    } catch (CliException e) {
      // then it went with the breadboard
    }
  }

  private List<Pipeline> changed(Circuits circuits, Set<String> fresh) {
    return circuits.pipelines().stream()
        .filter(each -> !each.equals(inForce.get(each.name().value())) || uses(each, fresh))
        .toList();
  }

  private static boolean uses(Pipeline pipeline, Map<String, Integer> fresh) {
    return uses(pipeline, fresh.keySet());
  }

  private static boolean uses(Pipeline pipeline, Set<String> apps) {
    return pipeline.tasks().stream()
        .anyMatch(
            task ->
                task.kind() instanceof TaskKind.Function function
                    && apps.contains(function.app().value()));
  }

  /** The router follows a revision by itself: only then requests go to the new code. */
  private void awaitTakenOver(Map<String, String> wanted) throws InterruptedException {
    Instant limit = Instant.now().plus(PATIENCE);
    while (!closed && Instant.now().isBefore(limit)) {
      JsonNode now = control.get("/serving/builds");
      if (wanted.entrySet().stream()
          .allMatch(each -> now.path(each.getKey()).asText("").equals(each.getValue()))) {
        return;
      }
      Thread.sleep(PAUSE);
    }
    throw CliException.unavailable("the new revision was applied, but is not followed yet");
  }

  private void say(
      Pipeline pipeline,
      long revision,
      Map<String, Integer> fresh,
      List<String> functions,
      Duration took) {
    String name = pipeline.name().value();
    boolean rewired = !pipeline.equals(inForce.get(name));
    Set<String> tasks = new TreeSet<>();
    Set<String> apps = new TreeSet<>();
    pipeline
        .tasks()
        .forEach(
            task -> {
              if (task.kind() instanceof TaskKind.Function function
                  && fresh.containsKey(function.app().value())) {
                tasks.add(task.name().value());
                apps.add(function.app().value());
              }
            });
    screen.fact(
        screen.bold(
            Rebuilt.line(
                name,
                revision,
                functions.stream().filter(tasks::contains).toList(),
                List.copyOf(apps),
                rewired,
                took,
                waiting(name))));
    if (rewired) {
      CircuitText.lines(pipeline).forEach(line -> screen.fact("    " + line));
    }
    applied(pipeline, revision);
  }

  private long waiting(String pipeline) {
    long waiting = 0;
    for (JsonNode app : control.get("/serving/apps")) {
      if (app.path("pipeline").asText().equals(pipeline)) {
        waiting += app.path("waiting").asLong();
      }
    }
    return waiting;
  }

  /** Removes a build once no process runs from it any more. */
  private void tidy(String app, int number, String revision) {
    Thread.ofVirtual()
        .start(
            () -> {
              Instant limit = Instant.now().plus(TIDYING);
              try {
                while (!closed && Instant.now().isBefore(limit)) {
                  if (!runs(app, revision)) {
                    builds.remove(app, number);
                    return;
                  }
                  Thread.sleep(500);
                }
              } catch (CliException | InterruptedException e) {
                // the next run removes it
              }
            });
  }

  private boolean runs(String app, String revision) {
    for (JsonNode each : control.get("/serving/apps")) {
      if (each.path("app").asText().equals(app)) {
        for (JsonNode instance : each.path("instances")) {
          if (instance.path("revision").asText().equals(revision)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private void failed(String what, List<String> lines) {
    if (closed) {
      return;
    }
    lines.forEach(screen::note);
    String goesOn =
        revisions.size() == 1
            ? "revision %d goes on".formatted(revisions.values().iterator().next())
            : "what runs goes on";
    screen.note(screen.red("%s: %s".formatted(what, goesOn)));
  }

  private static String counted(List<?> problems) {
    return Words.count(problems.size(), "problem");
  }

  /** Ends; a change that is just being brought in is left half way, which does no harm. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    synchronized (this) {
      if (builder != null) {
        builder.close();
      }
    }
    try {
      watch.close();
      thread.join(Duration.ofSeconds(5));
    } catch (IOException e) {
      // nothing is watched then
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
