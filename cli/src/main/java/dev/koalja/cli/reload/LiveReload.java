package dev.koalja.cli.reload;

import dev.koalja.cli.CliException;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.project.Wiring;
import dev.koalja.cli.reload.FunctionBuilder.Outcome;
import dev.koalja.cli.revision.Builds;
import dev.koalja.cli.revision.Change;
import dev.koalja.cli.revision.ChangeLock;
import dev.koalja.cli.revision.Circuit;
import dev.koalja.cli.revision.InForce;
import dev.koalja.cli.revision.Part;
import dev.koalja.cli.revision.Patience;
import dev.koalja.cli.revision.Takeover;
import dev.koalja.cli.show.CircuitText;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.event.Ulid;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

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
  /** How often a change is made anew when another one comes first. */
  private static final int ATTEMPTS = 5;

  private final SourceWatch watch;
  private final FunctionBuilder builder;
  private final Builds builds;
  private final ControlClient control;
  private final Screen screen;
  private final Consumer<String> detail;
  private final Patience patience;

  /** The parts of each project, as it was last brought in from here. */
  private final Map<FunctionProject, List<Part>> projects = new LinkedHashMap<>();

  /** The parts that are in force, by name, those of images included. */
  private final Map<String, Part> parts = new LinkedHashMap<>();

  /** What is in force of the pipelines of this run, as the circuit said last. */
  private final Map<String, Definition> inForce = new TreeMap<>();

  /** What is in force of every pipeline, those of earlier runs included. */
  private Map<String, Definition> latest = Map.of();

  /** The releases whose parts are known. */
  private final Set<String> known = new HashSet<>();

  private final Set<FunctionProject> owed = new LinkedHashSet<>();
  private final Set<String> changedFunctions = new TreeSet<>();
  private final Thread thread;
  private volatile boolean closed;

  /** Why the last attempt came to nothing, when another change was first. */
  private Optional<CliException> overtaken = Optional.empty();

  /**
   * @param watch sees every change since the projects were built
   * @param projects all that run, with what they were built to
   * @param others what runs beside them
   * @param detail is told how long each step took
   * @param log where the process that builds writes its log
   */
  public LiveReload(
      SourceWatch watch,
      Map<FunctionProject, List<Part>> projects,
      List<Part> others,
      Builds builds,
      ControlClient control,
      Screen screen,
      Consumer<String> detail,
      Path log) {
    this(
        watch,
        new WarmBuilder(builds, screen, log),
        projects,
        others,
        builds,
        control,
        screen,
        detail,
        Patience.LIMIT);
  }

  LiveReload(
      SourceWatch watch,
      FunctionBuilder builder,
      Map<FunctionProject, List<Part>> projects,
      List<Part> others,
      Builds builds,
      ControlClient control,
      Screen screen,
      Consumer<String> detail,
      Duration patience) {
    this.watch = watch;
    this.builder = builder;
    this.builds = builds;
    this.control = control;
    this.screen = screen;
    this.detail = detail;
    // a run starts its breadboard again by itself, and says so
    this.patience = new Patience(patience, () -> closed, _ -> {});
    this.projects.putAll(projects);
    projects.values().forEach(this::put);
    put(others);
    this.thread = Thread.ofPlatform().daemon().name("koalja-reload").unstarted(this::run);
  }

  private void put(List<Part> some) {
    some.forEach(part -> parts.put(part.name(), part));
  }

  /** Says what is in force already. */
  public void applied(Pipeline pipeline, long revision) {
    inForce.put(pipeline.name().value(), new Definition(pipeline, revision));
  }

  /** Begins. */
  public void start() {
    thread.start();
  }

  private void run() {
    try {
      changedFunctions.addAll(builder.warmUp(List.copyOf(projects.keySet())));
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
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      overtaken = Optional.empty();
      attempt(change.noticed());
      if (overtaken.isEmpty()) {
        return;
      }
    }
    overtaken.ifPresent(reason -> failed(Change.words(reason), reason.details()));
  }

  private void attempt(Instant noticed) throws InterruptedException {
    try (ChangeLock _ =
        builds.lock(() -> detail.accept("waiting for a change from another window"))) {
      Set<String> gone = refresh();
      Map<FunctionProject, List<Part>> ready = build();
      Map<String, Part> next = new LinkedHashMap<>(parts);
      Set<String> fresh = new TreeSet<>();
      ready.forEach(
          (project, its) -> {
            projects.getOrDefault(project, List.of()).forEach(part -> next.remove(part.name()));
            its.forEach(
                part -> {
                  next.put(part.name(), part);
                  fresh.add(part.name());
                });
          });
      gone.removeAll(fresh);
      if (!gone.isEmpty()) {
        throw CliException.usage(
            "what is in force of %s is not in %s any more: save a change there, too"
                .formatted(String.join(", ", gone), builds.root()));
      }
      if (!closed) {
        Set<String> left = bring(Circuit.of(next.values()), fresh, noticed);
        ready.forEach(
            (project, its) -> {
              if (its.stream()
                  .flatMap(part -> part.pipeline().stream())
                  .noneMatch(left::contains)) {
                owed.remove(project);
                projects
                    .getOrDefault(project, List.of())
                    .forEach(part -> parts.remove(part.name()));
                projects.put(project, its);
                put(its);
              }
            });
      }
    } catch (InvalidPipelineException e) {
      failed(
          "The wiring is wrong, " + counted(e.problems()),
          e.problems().stream().map(Object::toString).toList());
    } catch (CliException e) {
      failed(String.valueOf(e.getMessage()), e.details());
    } catch (IOException | RuntimeException e) {
      failed("the change could not be brought in: " + e, List.of());
    }
  }

  /**
   * Asks what is in force. Somebody may have rolled back or upgraded in another window, and what
   * the last attempt left open is known now: a change goes on from there.
   *
   * @return the parts in force that are not here any more
   */
  private Set<String> refresh() throws InterruptedException, IOException {
    latest = patience.ask(() -> InForce.all(control));
    Set<String> gone = new TreeSet<>();
    for (String name : List.copyOf(inForce.keySet())) {
      Definition definition = latest.get(name);
      if (definition == null) {
        inForce.remove(name);
        continue;
      }
      inForce.put(name, definition);
      Optional<Release> release =
          definition.release().filter(each -> each.home().equals(builds.home()));
      if (release.isPresent() && !known.contains(release.get().id())) {
        gone.addAll(take(name, release.get()));
        if (gone.isEmpty()) {
          known.add(release.get().id());
        }
      }
    }
    return gone;
  }

  private Set<String> take(String pipeline, Release release) throws IOException {
    parts
        .values()
        .removeIf(
            part ->
                !release.builds().containsKey(part.name())
                    && part.pipeline().equals(Optional.of(pipeline)));
    Set<String> gone = new TreeSet<>();
    for (Map.Entry<String, Release.Build> each : release.builds().entrySet()) {
      Optional<Part> part = builds.read(each.getKey(), each.getValue().number());
      if (part.isPresent()) {
        parts.put(each.getKey(), part.get());
      } else {
        gone.add(each.getKey());
      }
    }
    return gone;
  }

  /**
   * Builds what is owed. A project whose code is wrong stays as it is, with the pipeline file that
   * people wrote for it: half a change is none.
   *
   * @return the projects that can be brought in, with what they are now
   */
  private Map<FunctionProject, List<Part>> build() throws IOException {
    Map<FunctionProject, List<Part>> ready = new LinkedHashMap<>();
    for (FunctionProject project : owed) {
      if (!project.buildsHere()) {
        ready.put(project, builds.add(Wiring.of(project), Optional.empty()));
        continue;
      }
      switch (builder.build(project)) {
        case Outcome.Broken(var problems) ->
            failed(project.name() + " is not rebuilt, " + counted(problems), problems);
        case Outcome.Built built -> {
          changedFunctions.addAll(built.functions());
          ready.put(
              project,
              builds.add(
                  Wiring.of(project, built.inferred()),
                  Optional.of(new Builds.Package(built.packaged(), built.move()))));
        }
      }
    }
    return ready;
  }

  /**
   * Brings pipelines into force that are not as they were, or whose code is not.
   *
   * @param fresh the names of the parts that were built now
   * @return the pipelines that are not in force as they are meant
   */
  private Set<String> bring(List<Circuit> circuits, Set<String> fresh, Instant noticed)
      throws InterruptedException {
    Instant built = Instant.now();
    Set<String> left = new HashSet<>();
    for (Circuit circuit : circuits) {
      Pipeline pipeline = circuit.pipeline();
      String name = pipeline.name().value();
      Optional<Definition> before = Optional.ofNullable(latest.get(name));
      Set<String> its = new TreeSet<>(apps(pipeline));
      its.retainAll(fresh);
      its.removeIf(app -> !circuit.builds().containsKey(app) || !circuit.builds().get(app).runs());
      boolean rewired = !same(before, pipeline, Pipeline::withoutSchemas);
      if (its.isEmpty() && same(before, pipeline, UnaryOperator.identity())) {
        continue;
      }
      Instant now = Instant.now();
      Release release =
          Release.of(Ulid.random(now), now, Release.Cause.RELOAD, builds.home(), circuit.builds());
      Takeover takeover =
          new Takeover(
              control,
              Optional.of(builds),
              new Takeover.Proposed(pipeline, before, release, its, false),
              patience);
      switch (takeover.bring()) {
        case Takeover.Ending.Followed(var definition) -> {
          detail.accept(takeover.steps(noticed, built));
          inForce(definition);
          say(
              definition,
              its,
              rewired,
              Duration.between(noticed, Instant.now()),
              takeover.waiting());
        }
        case Takeover.Ending.NotFollowedYet(var definition) -> {
          inForce(definition);
          screen.note(
              screen.red(
                  "%s revision %d is in force, but the router does not follow it yet"
                      .formatted(name, definition.revision())));
        }
        case Takeover.Ending.Refused(var reason) -> {
          left.add(name);
          failed(Change.words(reason), reason.details());
        }
        case Takeover.Ending.Overtaken(var reason) -> {
          left.add(name);
          overtaken = Optional.of(reason);
        }
        case Takeover.Ending.Unknown(var reason) -> {
          left.add(name);
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

  private static boolean same(
      Optional<Definition> before, Pipeline pipeline, UnaryOperator<Pipeline> view) {
    return before
        .filter(it -> PipelineWriter.same(view.apply(it.pipeline()), view.apply(pipeline)))
        .isPresent();
  }

  private void inForce(Definition definition) {
    inForce.put(definition.pipeline().name().value(), definition);
    definition.release().ifPresent(release -> known.add(release.id()));
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

  private void say(
      Definition definition, Set<String> fresh, boolean rewired, Duration took, long waiting) {
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
                waiting)));
    changedFunctions.removeAll(tasks);
    if (rewired) {
      CircuitText.lines(pipeline).forEach(line -> screen.fact("    " + line));
    }
  }

  private void failed(String what, List<String> lines) {
    if (closed) {
      return;
    }
    lines.forEach(screen::note);
    String goesOn =
        inForce.size() == 1
            ? "revision %d goes on".formatted(inForce.values().iterator().next().revision())
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
