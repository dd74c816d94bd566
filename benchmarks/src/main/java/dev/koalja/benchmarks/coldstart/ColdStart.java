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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Process start to first reply of a function, its memory when idle and the processor time until
 * then, beside peers that answer the same CloudEvent.
 */
public final class ColdStart implements Measurement {
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final String OURS = "Koalja, AOT cache";
  private static final String FUNQY_USUAL = "Funqy, fast-jar";
  private static final String FUNQY_BEST = "Funqy, aot-jar, AOT cache";
  private static final String VERTX_BEST = "Vert.x, AOT cache";
  private static final String CDI_BEST = "Quarkus CDI, AOT cache";

  /** One start. */
  private record Sample(double replyMillis, double residentMegabytes, double processorMillis) {}

  @Override
  public String name() {
    return "cold-start";
  }

  @Override
  public String summary() {
    return "process start to first reply, idle memory, processor time: beside Quarkus Funqy and Vert.x";
  }

  @Override
  public int defaultRuns() {
    return 7;
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    List<Subject> subjects = new ArrayList<>(subjects(run));
    Map<String, List<Sample>> samples = new LinkedHashMap<>();
    subjects.forEach(each -> samples.put(each.name(), new ArrayList<>()));
    for (int round = 0; round <= run.rounds(); round++) {
      Collections.rotate(subjects, 1); // nobody always follows the same one
      for (Subject subject : subjects) {
        Sample sample = measure(subject, run.scratch().resolve("output.log"));
        if (round > 0) { // the first only brings files into memory
          samples.computeIfAbsent(subject.name(), _ -> new ArrayList<>()).add(sample);
        }
      }
      run.progress(round == 0 ? "warmed up" : "round %d of %d", round, run.rounds());
    }
    return report(run, machine.after(), samples);
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
    Subject cdi =
        Subject.flagged(
            CDI_BEST, peers.resolve("quarkus-cdi/target/quarkus-app/quarkus-run.jar"), Map.of());
    return List.of(
        ours.cached(OURS, cache),
        ours,
        Subject.plain(FUNQY_USUAL, usual, loopback),
        trained(funqy, run),
        Subject.plain("Vert.x", vertxJar, Map.of()),
        trained(vertx, run),
        trained(cdi, run));
  }

  private static Subject trained(Subject subject, Run run) throws IOException {
    Path cache = subject.jar().resolveSibling("app.aot");
    Training.ensure(subject, cache, run);
    return subject.cached(subject.name(), cache);
  }

  private static Sample measure(Subject subject, Path log)
      throws IOException, InterruptedException {
    try (Start start = new Start(subject, log)) {
      Duration reply = start.firstReply();
      Duration processor = start.processorTime();
      Thread.sleep(IDLE); // what it still does after the reply is over: it is idle now
      return new Sample(
          reply.toNanos() / 1e6, start.residentBytes() / 1e6, processor.toNanos() / 1e6);
    } catch (IOException e) {
      throw new IOException(e.getMessage() + "\n" + Files.readString(log), e);
    }
  }

  private static Report report(Run run, Machine machine, Map<String, List<Sample>> samples) {
    List<Series> reply = series("first reply", "ms", samples, Sample::replyMillis);
    List<Series> memory = series("idle memory", "MB", samples, Sample::residentMegabytes);
    List<Series> processor = series("processor", "ms", samples, Sample::processorMillis);
    List<Series> all = new ArrayList<>(reply);
    all.addAll(memory);
    all.addAll(processor);
    return new Report(
        "cold-start",
        Instant.now(),
        run.rounds(),
        machine,
        all,
        List.of(
            Aim.atMost("start, ours / Funqy as packaged", ours(reply, FUNQY_USUAL), 0.2),
            Aim.atMost("start, ours / Funqy at its best", ours(reply, FUNQY_BEST), 0.6),
            Aim.atMost("start, ours / bare Quarkus CDI at its best", ours(reply, CDI_BEST), 1.2),
            Aim.atMost("memory, ours / Funqy at its best", ours(memory, FUNQY_BEST), 1),
            Aim.atMost("memory, ours / bare Vert.x at its best", ours(memory, VERTX_BEST), 1.2)),
        List.of(
            "AOT cache: with the flags " + String.join(" ", AppBuild.FLAGS) + ".",
            "Koalja, no cache: the same flags. Funqy, fast-jar and Vert.x: no flags.",
            "Memory is what is resident 1 s after the first reply."));
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
