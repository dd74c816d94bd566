package dev.koalja.benchmarks.coldstart;

import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.knative.serving.local.StartupCache;
import dev.koalja.pipeline.AppName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Process start to first reply of a function, its memory when idle and the processor time until
 * then, beside peers that answer the same CloudEvent.
 */
public final class ColdStart implements Measurement {
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final int REQUESTS = 1000;
  private static final String OURS = "Koalja, AOT cache";
  private static final String FUNQY_USUAL = "Funqy, fast-jar";
  private static final String FUNQY_BEST = "Funqy, aot-jar, AOT cache";
  private static final String VERTX_BEST = "Vert.x, AOT cache";
  private static final String CDI_BEST = "Quarkus CDI, AOT cache";
  private static final String SPRING_USUAL = "Spring Cloud Function, jar";
  private static final String SPRING_BEST = "Spring Cloud Function, Spring AOT, AOT cache";
  private static final String GOOGLE_USUAL = "Google Functions Framework";
  private static final String GOOGLE_BEST = "Google Functions Framework, AOT cache";

  /** One start. */
  private record Sample(
      double replyMillis,
      double residentMegabytes,
      double processorMillis,
      double thousandMillis) {}

  @Override
  public String name() {
    return "cold-start";
  }

  @Override
  public String summary() {
    return "process start to first reply, idle memory, processor time, first 1,000 requests: beside its peers";
  }

  @Override
  public int defaultRuns() {
    return 15;
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    List<Subject> subjects = new ArrayList<>(subjects(run));
    Map<String, List<Sample>> samples = new LinkedHashMap<>();
    subjects.forEach(each -> samples.put(each.name(), new ArrayList<>()));
    Subject ours = subjects.getFirst();
    Subject lean =
        subjects.stream().filter(each -> each.name().equals(GOOGLE_BEST)).findFirst().orElseThrow();
    Phases phases = new Phases();
    MemoryParts memory = new MemoryParts();
    MemoryParts leanMemory = new MemoryParts();
    for (int round = 0; round <= run.rounds(); round++) {
      Collections.rotate(subjects, 1); // nobody always follows the same one
      for (Subject subject : subjects) {
        Sample sample = measure(subject, run.scratch().resolve("output.log"));
        if (round > 0) { // the first only brings files into memory
          samples.computeIfAbsent(subject.name(), _ -> new ArrayList<>()).add(sample);
        }
      }
      if (round > 0) {
        trace(ours, phases, run);
        look(ours, memory, run);
        look(lean, leanMemory, run);
      }
      run.progress(round == 0 ? "warmed up" : "round %d of %d", round, run.rounds());
    }
    return report(run, machine.after(), samples, phases, MemoryParts.lines(memory, leanMemory));
  }

  /** One more start, with a log, which would make the others slower. */
  private static void trace(Subject ours, Phases phases, Run run) throws IOException {
    Path log = run.scratch().resolve("classes.log");
    try (Start start =
        new Start(ours.with(Phases.flag(log)), run.scratch().resolve("output.log"))) {
      Duration reply = start.firstReply();
      phases.add(log, start.began(), start.began() + reply.toNanos());
    }
  }

  /** One more start, of which the memory is looked at in detail. */
  private static void look(Subject subject, MemoryParts memory, Run run)
      throws IOException, InterruptedException {
    Path log = run.scratch().resolve("heap.log");
    try (Start start =
        new Start(subject.with(MemoryParts.flag(log)), run.scratch().resolve("output.log"))) {
      start.firstReply();
      Thread.sleep(IDLE);
      if (Files.exists(start.memoryMap())) {
        memory.add(start.memoryMap(), log);
      }
    }
  }

  private static List<Subject> subjects(Run run) throws IOException, InterruptedException {
    Path peers = run.home().resolve("benchmarks/peers");
    Path project = run.home().resolve("examples/hello");
    AppBuild build =
        AppBuild.quarkus(new AppName("hello"), "benchmark", project.resolve("target/quarkus-app"));
    Path jar = build.workingDirectory().resolve("quarkus-run.jar");
    Path cache = jar.resolveSibling("app.aot");
    if (StartupCache.ensure(build, cache, List.of())) {
      run.progress("trained a start-up cache: %s", OURS);
    }
    Map<String, String> environment =
        Map.of(
            "KOALJA_HOST", "127.0.0.1",
            "KOALJA_WATCH_PARENT", "true",
            "K_SERVICE", "hello",
            "K_CONFIGURATION", "hello",
            "K_REVISION", "benchmark");
    Subject ours = Subject.flagged("Koalja, no cache", jar, environment);

    Map<String, String> loopback = Map.of("QUARKUS_HTTP_HOST", "127.0.0.1");
    Path usual = peers.resolve("funqy/target/quarkus-app/quarkus-run.jar");
    Subject funqy =
        Subject.flagged(
            FUNQY_BEST, peers.resolve("funqy/target/aot-app/quarkus-run.jar"), loopback);
    Path vertxJar = peers.resolve("vertx/target/app/peer-vertx-0.1.0-SNAPSHOT.jar");
    Subject vertx = Subject.flagged(VERTX_BEST, vertxJar, Map.of());
    Path cdiJar = peers.resolve("quarkus-cdi/target/quarkus-app/quarkus-run.jar");
    Subject cdi = Subject.flagged(CDI_BEST, cdiJar, Map.of());
    String springJar = "peer-spring-0.1.0-SNAPSHOT.jar";
    Subject spring =
        Subject.flagged(SPRING_BEST, peers.resolve("spring/target/app/" + springJar), Map.of())
            .with("-Dspring.aot.enabled=true");
    Path googleJar = peers.resolve("google/target/app/peer-google-0.1.0-SNAPSHOT.jar");
    Map<String, String> target =
        Map.of("FUNCTION_TARGET", "dev.koalja.benchmarks.peers.google.Greeter");
    return List.of(
        ours.cached(OURS, cache),
        ours,
        Subject.plain(FUNQY_USUAL, usual, loopback),
        trained(funqy, run),
        Subject.plain(SPRING_USUAL, peers.resolve("spring/target/" + springJar), Map.of()),
        trained(spring, run),
        Subject.plain(GOOGLE_USUAL, googleJar, target),
        trained(Subject.flagged(GOOGLE_BEST, googleJar, target), run),
        Subject.plain("Vert.x", vertxJar, Map.of()),
        trained(vertx, run),
        Subject.plain("Quarkus CDI", cdiJar, Map.of()),
        trained(cdi, run));
  }

  private static Subject trained(Subject subject, Run run) throws IOException {
    Path cache = subject.folder().resolve("app.aot");
    Training.ensure(subject, cache, run);
    return subject.cached(subject.name(), cache);
  }

  private static Sample measure(Subject subject, Path log)
      throws IOException, InterruptedException {
    try (Start start = new Start(subject, log)) {
      Duration reply = start.firstReply();
      Duration processor = start.processorTime();
      Thread.sleep(IDLE); // what it still does after the reply is over: it is idle now
      double resident = start.residentBytes() / 1e6;
      Duration thousand = start.ask(REQUESTS);
      return new Sample(
          reply.toNanos() / 1e6, resident, processor.toNanos() / 1e6, thousand.toNanos() / 1e6);
    } catch (IOException e) {
      throw new IOException(e.getMessage() + "\n" + Files.readString(log), e);
    }
  }

  private static Report report(
      Run run,
      Machine machine,
      Map<String, List<Sample>> samples,
      Phases phases,
      List<String> memoryParts) {
    List<Series> reply = series("first reply", "ms", samples, Sample::replyMillis);
    List<Series> memory = series("idle memory", "MB", samples, Sample::residentMegabytes);
    List<Series> processor = series("processor", "ms", samples, Sample::processorMillis);
    List<Series> thousand = series("next 1,000 requests", "ms", samples, Sample::thousandMillis);
    List<Series> all = new ArrayList<>(reply);
    all.addAll(memory);
    all.addAll(processor);
    all.addAll(thousand);
    String peer = best(reply);
    List<String> notes =
        new ArrayList<>(
            List.of(
                "AOT cache: with the flags " + String.join(" ", AppBuild.FLAGS) + ".",
                "Koalja, no cache: the same flags. All others without a cache: no flags.",
                "Memory is what is resident 1 s after the first reply; then 1,000 requests follow, each when the one before is answered.",
                "Limit of the first two aims: they would be %.0f and %.0f ms, and the first class of ours runs after %.0f, which is the JVM with what the app has in its cache."
                    .formatted(
                        0.2 * median(reply, FUNQY_USUAL),
                        0.6 * median(reply, peer),
                        phases.untilOurs()),
                "Where the first reply of %s goes, in ms, in starts with a log of all classes that are initialized:"
                    .formatted(OURS)));
    notes.addAll(phases.lines());
    notes.add(
        "Limit of the memory: what is linked lies in memory, and CDI and configuration are classes. In MB, %s and %s:"
            .formatted(OURS, GOOGLE_BEST));
    notes.addAll(memoryParts);
    return new Report(
        "cold-start",
        Instant.now(),
        run.rounds(),
        machine,
        all,
        List.of(
            Aim.atMost("start, ours / Funqy as packaged", ours(reply, FUNQY_USUAL), 0.2),
            Aim.atMost("start, ours / the best peer, " + peer, ours(reply, peer), 0.6),
            Aim.atMost("start, ours / bare Quarkus CDI at its best", ours(reply, CDI_BEST), 1.2),
            Aim.atMost(
                "memory, ours / the best peer, " + best(memory), ours(memory, best(memory)), 1),
            Aim.atMost("memory, ours / bare Vert.x at its best", ours(memory, VERTX_BEST), 1.2)),
        notes);
  }

  /** Of the function runtimes at their best the one that does best. */
  private static String best(List<Series> series) {
    return Stream.of(FUNQY_BEST, SPRING_BEST, GOOGLE_BEST)
        .max(Comparator.comparingDouble(each -> ours(series, each)))
        .orElseThrow();
  }

  private static double median(List<Series> series, String subject) {
    return series.stream()
        .filter(each -> each.subject().equals(subject))
        .mapToDouble(each -> each.quartiles().median())
        .findFirst()
        .orElseThrow();
  }

  private static double ours(List<Series> series, String peer) {
    return series.stream()
        .filter(each -> each.subject().equals(peer))
        .map(each -> 1 / each.ratios().orElseThrow().median())
        .findFirst()
        .orElseThrow();
  }

  private static List<Series> series(
      String metric,
      String unit,
      Map<String, List<Sample>> samples,
      ToDoubleFunction<Sample> value) {
    List<Series> series = new ArrayList<>();
    samples.forEach(
        (subject, all) -> {
          List<Double> values = all.stream().mapToDouble(value).boxed().toList();
          series.add(
              series.isEmpty()
                  ? Series.reference(subject, metric, unit, values)
                  : Series.compared(subject, series.getFirst(), values));
        });
    return series;
  }
}
