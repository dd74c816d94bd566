package dev.koalja.cli.reload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.project.Circuits;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.project.Wiring;
import dev.koalja.cli.reload.FunctionBuilder.Outcome;
import dev.koalja.cli.show.CircuitText;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

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
 * <p>Whatever goes wrong on the way, what ran before goes on, and people are told why. What could
 * not be brought in stays owed: it is tried again with the next change. Each pipeline of a change
 * goes its own way ({@link Takeover}): one that is refused takes no other with it.
 */
public final class LiveReload implements AutoCloseable {
  /** How long a change may wait for a breadboard that is started again, or for long calls. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final SourceWatch watch;
  private final FunctionBuilder builder;
  private final Builds builds;
  private final ControlClient control;
  private final Screen screen;
  private final Consumer<String> detail;
  private final Duration patience;
  private final List<FunctionProject> projects;

  /** What each project said when it was last brought in. */
  private final Map<Path, Wiring> wirings = new LinkedHashMap<>();

  private final InForce inForce = new InForce();
  private final Set<FunctionProject> owed = new LinkedHashSet<>();
  private final Set<String> changedFunctions = new TreeSet<>();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param watch sees every change since the projects were built
   * @param projects all that run
   * @param circuits what they meant when they were built
   * @param detail is told how long each step took
   * @param log where the process that builds writes its log
   */
  public LiveReload(
      SourceWatch watch,
      List<FunctionProject> projects,
      Circuits circuits,
      Builds builds,
      ControlClient control,
      Screen screen,
      Consumer<String> detail,
      Path log) {
    this(
        watch,
        new WarmBuilder(builds, screen, log),
        projects,
        circuits,
        builds,
        control,
        screen,
        detail,
        PATIENCE);
  }

  LiveReload(
      SourceWatch watch,
      FunctionBuilder builder,
      List<FunctionProject> projects,
      Circuits circuits,
      Builds builds,
      ControlClient control,
      Screen screen,
      Consumer<String> detail,
      Duration patience) {
    this.watch = watch;
    this.builder = builder;
    this.projects = List.copyOf(projects);
    this.builds = builds;
    this.control = control;
    this.screen = screen;
    this.detail = detail;
    this.patience = patience;
    circuits.wirings().forEach(each -> wirings.put(each.project().folder(), each));
    this.thread = Thread.ofPlatform().daemon().name("koalja-reload").unstarted(this::run);
  }

  /** Says what is in force already. */
  public void applied(Pipeline pipeline, long revision) {
    inForce.put(new Definition(pipeline, revision));
  }

  /** Begins. */
  public void start() {
    thread.start();
  }

  private void run() {
    try {
      changedFunctions.addAll(builder.warmUp(projects));
      while (!closed) {
        reload(watch.await());
      }
    } catch (InterruptedException | java.nio.file.ClosedWatchServiceException e) {
      // the run ends
    }
  }

  /** Brings a change in, with all that is owed, or says why not. */
  void reload(SourceWatch.Change change) throws InterruptedException {
    owed.addAll(change.projects());
    Map<String, Integer> fresh = new LinkedHashMap<>();
    try {
      makeSure();
      Map<Path, Wiring> next = new LinkedHashMap<>(wirings);
      Set<FunctionProject> ready = build(next, fresh);
      if (!closed) {
        Circuits circuits = Circuits.of(List.copyOf(next.values()));
        Set<String> left = bring(circuits, fresh, change.noticed());
        for (FunctionProject project : ready) {
          Wiring wiring = next.get(project.folder());
          if (wiring == null || wiring.pipeline().stream().noneMatch(left::contains)) {
            owed.remove(project);
            if (wiring != null) {
              wirings.put(project.folder(), wiring);
            }
          }
        }
      }
    } catch (InvalidPipelineException e) {
      failed(
          "The wiring is wrong, " + counted(e.problems()),
          e.problems().stream().map(Object::toString).toList());
    } catch (CliException e) {
      failed(String.valueOf(e.getMessage()), e.details());
    } catch (IOException | RuntimeException e) {
      failed("the change could not be brought in: " + e, List.of());
    } finally {
      fresh.forEach(builds::remove); // what nobody took charge of
    }
  }

  /** What the last attempt left open is asked for before anything is compared with it. */
  private void makeSure() throws InterruptedException {
    Instant limit = Instant.now().plus(patience);
    while (true) {
      try {
        inForce.makeSure(control);
        return;
      } catch (CliException e) {
        if (e.exit() != Exit.UNAVAILABLE || closed || Instant.now().isAfter(limit)) {
          throw e;
        }
        Thread.sleep(PAUSE); // it may just be started again
      }
    }
  }

  /**
   * Builds what is owed. A project whose code is wrong stays as it is, with the pipeline file that
   * people wrote for it: half a change is none.
   *
   * @return the projects that can be brought in
   */
  private Set<FunctionProject> build(Map<Path, Wiring> next, Map<String, Integer> fresh)
      throws IOException {
    Set<FunctionProject> ready = new LinkedHashSet<>();
    for (FunctionProject project : owed) {
      if (!project.buildsHere()) {
        next.put(project.folder(), Wiring.of(project));
        ready.add(project);
        continue;
      }
      switch (builder.build(project)) {
        case Outcome.Broken(var problems) ->
            failed(project.name() + " is not rebuilt, " + counted(problems), problems);
        case Outcome.Built built -> {
          changedFunctions.addAll(built.functions());
          next.put(project.folder(), keep(project, built, fresh));
          ready.add(project);
        }
      }
    }
    return ready;
  }

  /** Puts a build where nothing changes it any more. */
  private Wiring keep(FunctionProject project, Outcome.Built built, Map<String, Integer> fresh)
      throws IOException {
    Wiring wiring = Wiring.of(project, built.inferred());
    for (String app : wiring.apps()) {
      fresh.put(app, builds.add(app, built.packaged(), built.inferred(), built.move()));
    }
    return wiring;
  }

  /**
   * Brings pipelines into force that are not as they were, or whose code is not.
   *
   * @param fresh the new builds; those of which a {@link Takeover} takes charge are taken out
   * @return the pipelines that are not in force as they are meant
   */
  private Set<String> bring(Circuits circuits, Map<String, Integer> fresh, Instant noticed)
      throws IOException, InterruptedException {
    Instant built = Instant.now();
    Set<String> left = new HashSet<>();
    for (Pipeline pipeline : circuits.pipelines()) {
      String name = pipeline.name().value();
      Map<String, Integer> its = new LinkedHashMap<>(fresh);
      its.keySet().retainAll(apps(pipeline));
      boolean rewired = inForce.rewires(pipeline);
      if (its.isEmpty() && !inForce.changes(pipeline)) {
        continue;
      }
      Takeover takeover =
          new Takeover(control, builds, pipeline, inForce.of(name), its, patience, () -> closed);
      fresh.keySet().removeAll(its.keySet());
      switch (takeover.bring()) {
        case Takeover.Ending.Followed(var definition) -> {
          detail.accept(takeover.steps(noticed, built));
          inForce.put(definition);
          say(definition, its.keySet(), rewired, Duration.between(noticed, Instant.now()));
          takeover.tidy();
        }
        case Takeover.Ending.NotFollowedYet(var definition) -> {
          inForce.put(definition);
          screen.note(
              screen.red(
                  "%s revision %d is in force, but the router does not follow it yet"
                      .formatted(name, definition.revision())));
        }
        case Takeover.Ending.Refused(var reason) -> {
          left.add(name);
          failed(String.valueOf(reason.getMessage()), reason.details());
        }
        case Takeover.Ending.Unknown(var reason) -> {
          left.add(name);
          inForce.doubt(name);
          reason.details().forEach(screen::note);
          screen.note(
              screen.red(
                  "%s: whether the change of %s is in force is not known; the next change brings it in again"
                      .formatted(reason.getMessage(), name)));
        }
      }
    }
    return left;
  }

  private static Set<String> apps(Pipeline pipeline) {
    Set<String> apps = new TreeSet<>();
    pipeline
        .tasks()
        .forEach(
            task -> {
              if (task.kind() instanceof TaskKind.Function function) {
                apps.add(function.app().value());
              }
            });
    return apps;
  }

  private void say(Definition definition, Set<String> fresh, boolean rewired, Duration took) {
    Pipeline pipeline = definition.pipeline();
    Set<String> tasks = new TreeSet<>();
    pipeline
        .tasks()
        .forEach(
            task -> {
              if (task.kind() instanceof TaskKind.Function function
                  && fresh.contains(function.app().value())) {
                tasks.add(task.name().value());
              }
            });
    screen.fact(
        screen.bold(
            Rebuilt.line(
                pipeline.name().value(),
                definition.revision(),
                changedFunctions.stream().filter(tasks::contains).toList(),
                List.copyOf(new TreeSet<>(fresh)),
                rewired,
                took,
                waiting(pipeline.name().value()))));
    changedFunctions.removeAll(tasks);
    if (rewired) {
      CircuitText.lines(pipeline).forEach(line -> screen.fact("    " + line));
    }
  }

  private long waiting(String pipeline) {
    long waiting = 0;
    try {
      for (JsonNode app : control.get("/serving/apps")) {
        if (app.path("pipeline").asText().equals(pipeline)) {
          waiting += app.path("waiting").asLong();
        }
      }
    } catch (CliException e) {
      // it ended just now; the change is in force all the same
    }
    return waiting;
  }

  private void failed(String what, List<String> lines) {
    if (closed) {
      return;
    }
    lines.forEach(screen::note);
    String goesOn =
        inForce.all().size() == 1
            ? "revision %d goes on".formatted(inForce.all().iterator().next().revision())
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
    builder.close();
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
