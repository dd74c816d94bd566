package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.breadboard.Breadboard;
import dev.koalja.cli.breadboard.CtrlC;
import dev.koalja.cli.breadboard.Plan;
import dev.koalja.cli.control.Announcement;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.PipelineApply;
import dev.koalja.cli.control.RunningCircuit;
import dev.koalja.cli.control.StateLock;
import dev.koalja.cli.project.AttachedApps;
import dev.koalja.cli.project.Circuits;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.project.Wiring;
import dev.koalja.cli.reload.Debuggers;
import dev.koalja.cli.reload.LiveReload;
import dev.koalja.cli.reload.SourceWatch;
import dev.koalja.cli.revision.Builds;
import dev.koalja.cli.revision.ChangeLock;
import dev.koalja.cli.revision.ChangesOfOthers;
import dev.koalja.cli.revision.Circuit;
import dev.koalja.cli.revision.Housekeeping;
import dev.koalja.cli.revision.Images;
import dev.koalja.cli.revision.Part;
import dev.koalja.cli.show.CircuitText;
import dev.koalja.cli.show.InvocationLine;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.knative.image.Registries;
import dev.koalja.launch.ParentWatch;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.TriggerKind;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.event.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.Stack;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja run}. */
@Command(
    name = "run",
    description = {
      "Build the functions and run their circuit on this machine, until Ctrl-C.",
      "A saved change is built and takes over while events go on: the new process is ready before"
          + " the old one ends; what is wrong is said, and the old one goes on."
    },
    footer = {
      "",
      "Examples:",
      "  koalja run",
      "  koalja run shop billing",
      "  koalja run --image shop/target/shop-1.3.0.tar",
      "  koalja run --debug",
      "  koalja run shop stock --ephemeral --no-watch",
      "  koalja run --kafka broker.example:9092",
      "",
      "Ctrl-C once finishes what is in flight, twice stops now. Nothing acknowledged is lost."
    })
final class RunCommand implements Callable<Integer> {
  @Mixin Shared shared = new Shared();

  @Parameters(
      paramLabel = "DIR",
      arity = "0..*",
      description =
          "Function projects; by default the folder one stands in, unless there is an --image.")
  List<Path> folders = List.of();

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = {
        "Run an image as koalja image made it: a file, an OCI layout, or one in a registry; may be"
            + " given several times. Its processes have the JRE, the flags and the start-up cache of"
            + " the image, its wiring is part of the circuit. koalja upgrade moves on to another."
      })
  List<String> images = List.of();

  @Mixin RegistryOptions registry = new RegistryOptions();

  @Option(names = "--ephemeral", description = "Keep nothing: all data goes at the end.")
  boolean ephemeral;

  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT",
      description = "Use a Kafka broker that runs already, in place of ours.")
  @Nullable String kafka;

  @Option(
      names = "--port",
      defaultValue = "" + Plan.INGRESS,
      description = "Port for events and webhooks (${DEFAULT-VALUE}).")
  int port;

  @Option(
      names = "--control-port",
      defaultValue = "" + Plan.CONTROL,
      description = "Port for commands and metrics (${DEFAULT-VALUE}).")
  int controlPort;

  @Option(
      names = "--kafka-port",
      defaultValue = "" + Plan.KAFKA,
      description = "Port of the broker (${DEFAULT-VALUE}).")
  int kafkaPort;

  @Option(
      names = "--watch",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Bring in changes as they are saved (by default); --no-watch does not.")
  boolean watch;

  @Option(
      names = "--keep",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "Keep the builds of the last N revisions, for koalja rollback (${DEFAULT-VALUE}).")
  int keep;

  @Option(
      names = "--debug",
      paramLabel = "PORT",
      arity = "0..1",
      parameterConsumer = PortIfNumber.class,
      description = {
        "Let debuggers attach to functions, from this port on ("
            + DEBUGGER
            + "); each process says"
            + " its own. A call that stands still longer than its timeout is tried again."
      })
  @Nullable Integer debug;

  @Option(
      names = "--attach",
      paramLabel = "APP=PORT",
      description = {
        "Call an app that runs already, at a port of this machine, in place of building and starting"
            + " it. Its wiring is what its last build wrote, and followed; while the app is away,"
            + " events wait. mvn quarkus:dev does this by itself."
      })
  Map<String, Integer> attached = Map.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = ".koalja",
      description = "Folder for data, journal and logs (${DEFAULT-VALUE}).")
  Path data = Path.of(".koalja");

  private static final Duration ORPHANS = Duration.ofSeconds(5);
  private static final int DEBUGGER = 5005;
  private static final int LAST_DEBUGGER = 65_000;

  /** Of {@code --debug shop} the second word is a folder. */
  static final class PortIfNumber implements IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
      boolean given = !words.isEmpty() && words.peek().matches("\\d{1,6}");
      option.setValue(given ? Integer.valueOf(words.pop()) : Integer.valueOf(DEBUGGER));
    }
  }

  private final CompletableFuture<Integer> end = new CompletableFuture<>();

  @Override
  public Integer call() throws IOException {
    // whoever started us for as long as it lives, as quarkus:dev does
    ParentWatch.start(() -> Runtime.getRuntime().exit(Exit.OK));
    Screen screen = shared.screen();
    if (shared.json) {
      screen.resultsOnly();
    }
    Path state = data.toAbsolutePath().normalize();
    // held until the end, from before the build: of two runs started together one is refused
    try (StateLock _ = lock(state)) {
      return run(state, screen);
    }
  }

  private int run(Path state, Screen screen) throws IOException {
    List<FunctionProject> projects =
        AttachedApps.mark(
            (folders.isEmpty() && images.isEmpty() ? List.of(Path.of("")) : folders)
                .stream().map(FunctionProject::in).toList(),
            attached);
    if (registry.given() && images.isEmpty()) {
      throw CliException.usage("--username and --insecure are for an --image of a registry");
    }
    if (debug != null && (debug < 1 || debug > LAST_DEBUGGER)) {
      throw CliException.usage(
          "--debug %d is no port to begin with: choose 1 to %d".formatted(debug, LAST_DEBUGGER));
    }
    Plan.requireFreePorts(
        port,
        controlPort,
        kafka == null ? OptionalInt.of(kafkaPort) : OptionalInt.empty(),
        // what belonged to a run that was killed ends by itself
        RunningCircuit.leftBehind(RunningCircuit.here()) ? ORPHANS : Duration.ZERO);
    if (kafka != null) {
      Breadboard.requireReachable(kafka);
    }
    if (keep < 1) {
      throw CliException.usage("--keep %d keeps nothing: choose 1 or more".formatted(keep));
    }
    // before the build: what is saved while it goes on is a change
    Optional<SourceWatch> sources =
        watch && !projects.isEmpty() ? Optional.of(new SourceWatch(projects)) : Optional.empty();
    Circuits built = Circuits.build(projects, screen);
    Path kept = ephemeral ? Files.createTempDirectory("koalja-") : state;
    Builds builds = Builds.of(kept.resolve("builds"), keep);
    Map<FunctionProject, List<Part>> parts = new LinkedHashMap<>();
    List<Part> unpacked = new ArrayList<>();
    // until it has begun: nobody upgrades what it is just about to bring in
    try (ChangeLock changing = changing(builds)) {
      List<Circuit> circuits;
      try {
        begin(builds, projects, built, parts, unpacked);
        circuits = Circuit.of(all(parts, unpacked));
      } catch (IOException | RuntimeException e) {
        if (ephemeral) {
          Builds.remove(kept);
        }
        throw e;
      }
      Plan plan =
          new Plan(
              kept,
              ephemeral,
              port,
              controlPort,
              kafkaPort,
              Optional.ofNullable(kafka),
              built.apps(),
              Map.of(),
              Optional.of(builds.root()),
              debug == null ? Map.of() : Debuggers.ports(apps(circuits), debug),
              attached);
      try (Breadboard breadboard = Breadboard.start(plan, screen)) {
        RunningCircuit running = breadboard.running(state, kept, ephemeral, watched(built));
        try (ControlClient control = new ControlClient(breadboard.control());
            Announcement announcement = Announcement.make(running, screen);
            Debuggers debuggers = new Debuggers(control, screen)) {
          debuggers.announce(plan.debuggers().keySet());
          Map<Pipeline, Long> applied = apply(control, builds, circuits);
          builds.begun();
          changing.letGo();
          Optional<LiveReload> reload =
              sources.map(
                  each ->
                      new LiveReload(
                          each,
                          parts,
                          unpacked,
                          builds,
                          control,
                          screen,
                          line -> {
                            if (shared.verbose) {
                              screen.note(screen.dim(line));
                            }
                          },
                          kept.resolve("logs/builder.log")));
          reload.ifPresent(each -> applied.forEach(each::applied));
          try (Housekeeping _ = new Housekeeping(builds, control);
              ChangesOfOthers _ =
                  new ChangesOfOthers(control, line -> screen.fact(screen.bold(line)))) {
            return watch(breadboard, control, announcement, reload);
          }
        }
      }
    }
  }

  private ChangeLock changing(Builds builds) {
    try {
      return builds.lock(() -> RollbackCommand.sayThatWeWait(shared.screen()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.unavailable("interrupted");
    }
  }

  private Map<String, String> watched(Circuits circuits) {
    Map<String, String> watched = new TreeMap<>();
    if (watch) {
      circuits.apps().forEach((app, folder) -> watched.put(app, folder.toString()));
    }
    return watched;
  }

  private static List<Part> all(Map<FunctionProject, List<Part>> projects, List<Part> others) {
    return Stream.concat(projects.values().stream().flatMap(List::stream), others.stream())
        .toList();
  }

  /** The apps whose processes are started here. */
  private static Set<String> apps(List<Circuit> circuits) {
    Set<String> apps = new TreeSet<>();
    for (Circuit circuit : circuits) {
      circuit
          .builds()
          .forEach(
              (name, build) -> {
                if (build.runs()) {
                  apps.add(name);
                }
              });
    }
    return apps;
  }

  /** Processes run from copies: Maven, or an editor, may build in the project at any time. */
  private void begin(
      Builds builds,
      List<FunctionProject> projects,
      Circuits circuits,
      Map<FunctionProject, List<Part>> parts,
      List<Part> unpacked)
      throws IOException {
    projects.forEach(project -> parts.put(project, List.of()));
    Map<String, String> apps = new TreeMap<>();
    builds.begin();
    for (Wiring wiring : circuits.wirings()) {
      FunctionProject project = wiring.project();
      List<Part> its =
          builds.add(
              wiring,
              project.buildsHere()
                  ? Optional.of(new Builds.Package(project.packaged(), false))
                  : Optional.empty());
      parts.put(project, its);
      its.forEach(part -> apps.put(part.name(), project.folder().toString()));
    }
    Registries.Access access = registry.access(images);
    for (String image : images) {
      Part part = Images.add(builds, image, access, shared.screen());
      String other = apps.put(part.name(), image);
      if (other != null) {
        throw CliException.usage(
            "app %s is in %s and in %s: leave one out".formatted(part.name(), other, image));
      }
      unpacked.add(part);
      shared
          .screen()
          .fact(
              "%s %s (%s)"
                  .formatted(
                      part.name(),
                      part.build().version().orElse(""),
                      Words.clip(part.build().image().orElse(""), 19)));
    }
    for (Part part : all(parts, unpacked)) {
      if (part.build().runs()) {
        builds.use(part.name(), part.build().number());
      }
    }
  }

  private static StateLock lock(Path state) {
    return StateLock.take(state)
        .orElseThrow(
            () ->
                CliException.usage(
                    RunningCircuit.in(state)
                        .map(
                            running ->
                                "it runs already, since %s, as process %d on %s: koalja stop ends it"
                                    .formatted(
                                        Words.time(running.since()),
                                        running.pid(),
                                        running.ingress()))
                        .orElse("another run with %s is just starting".formatted(state))));
  }

  private Map<Pipeline, Long> apply(ControlClient control, Builds builds, List<Circuit> circuits) {
    Map<Pipeline, Long> applied = new LinkedHashMap<>();
    for (Circuit circuit : circuits) {
      Instant now = Instant.now();
      Release release =
          Release.of(Ulid.random(now), now, Release.Cause.APPLIED, builds.home(), circuit.builds());
      long revision =
          PipelineApply.apply(control, circuit.pipeline(), Optional.empty(), Optional.of(release));
      print(circuit.pipeline(), revision);
      applied.put(circuit.pipeline(), revision);
    }
    return applied;
  }

  private void print(Pipeline pipeline, long revision) {
    Screen screen = shared.screen();
    screen.fact(
        screen.bold("%s revision %d".formatted(pipeline.name(), revision))
            + (attached.isEmpty() ? "   all at zero" : "   " + AttachedApps.words(attached)));
    CircuitText.lines(pipeline).forEach(line -> screen.fact("    " + line));
    pipeline
        .triggers()
        .forEach(
            trigger ->
                screen.fact(
                    "    %s at http://127.0.0.1:%d/%s/%s/%s"
                        .formatted(
                            trigger.name(),
                            port,
                            switch (trigger.kind()) {
                              case TriggerKind.Webhook _ -> "webhooks";
                              case TriggerKind.Bucket _ -> "buckets";
                            },
                            pipeline.name(),
                            trigger.name())));
  }

  private int watch(
      Breadboard breadboard,
      ControlClient control,
      Announcement announcement,
      Optional<LiveReload> reload) {
    Screen screen = shared.screen();
    AtomicInteger presses = new AtomicInteger();
    CtrlC.handle(
        () -> {
          if (presses.incrementAndGet() == 1) {
            end.complete(Exit.OK);
          } else {
            breadboard.kill();
            announcement.close();
            screen.note(
                ephemeral
                    ? "Stopped now. Nothing is kept."
                    : "Stopped now. What was in flight is repeated at the next run.");
            Runtime.getRuntime().halt(Exit.INTERRUPTED);
          }
        });
    breadboard
        .ended()
        .thenAccept(
            reason -> {
              if (!reason.equals("stopped")) {
                screen.note(screen.red(reason));
              }
              end.complete(reason.equals("stopped") ? Exit.OK : Exit.UNAVAILABLE);
            });
    screen.fact(
        "%sCtrl-C stops. In another window: koalja send, tail, status, trace"
            .formatted(reload.isPresent() ? "Saved changes are brought in. " : ""));
    reload.ifPresent(LiveReload::start);
    Thread.ofVirtual().start(() -> follow(control));
    int status = end.join();
    reload.ifPresent(LiveReload::close);
    long left = breadboard.ended().isDone() ? 0 : sayWhatIsLeft(control);
    breadboard.close();
    if (presses.get() > 1) {
      return Exit.INTERRUPTED; // whoever killed it says so
    }
    screen.note(farewell(left, breadboard.killed()));
    return status;
  }

  private String farewell(long left, List<String> killed) {
    StringBuilder words = new StringBuilder("Stopped.");
    if (!killed.isEmpty()) {
      words.append(
          " %s did not end in time and was killed%s."
              .formatted(
                  String.join(", ", killed),
                  ephemeral ? "" : "; what was in flight is repeated at the next run"));
    }
    if (left > 0) {
      words.append(
          " %s still to process%s."
              .formatted(
                  Words.count(left, "event"),
                  ephemeral ? ", gone now" : "; the next run goes on with them"));
    }
    return words.toString();
  }

  private long sayWhatIsLeft(ControlClient control) {
    try {
      long inFlight = 0;
      long lag = 0;
      for (JsonNode reader : control.get("/router/readers")) {
        inFlight += reader.path("inFlight").asLong();
        lag += reader.path("lag").asLong();
      }
      shared
          .screen()
          .note(
              "Stopping: taking nothing in%s. Ctrl-C again stops now."
                  .formatted(
                      inFlight == 0 ? "" : ", finishing " + Words.count(inFlight, "invocation")));
      return Math.max(0, lag - inFlight);
    } catch (CliException e) {
      shared.screen().note("Stopping.");
      return 0;
    }
  }

  /** Shows what travels, and finds the breadboard again after a crash. */
  private void follow(ControlClient control) {
    InvocationLine line = new InvocationLine(shared.screen());
    Instant[] latest = {Instant.now()};
    List<String> shown = new ArrayList<>();
    while (!end.isDone()) {
      try {
        control.follow(
            "/api/invocations?follow=true&last=20",
            record -> {
              Instant at = Instant.parse(record.path("endedAt").asText());
              String id = record.path("invocation").asText();
              if (!at.isBefore(latest[0].minusSeconds(5)) && !shown.contains(id)) {
                shared.screen().line(shared.json ? record.toString() : line.of(record));
                latest[0] = at.isAfter(latest[0]) ? at : latest[0];
                shown.add(id);
                if (shown.size() > 200) {
                  shown.removeFirst();
                }
              }
              return !end.isDone();
            });
      } catch (CliException e) {
        pause();
      }
    }
  }

  private void pause() {
    try {
      end.get(300, java.util.concurrent.TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      // try again
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      Thread.currentThread().interrupt();
    }
  }
}
