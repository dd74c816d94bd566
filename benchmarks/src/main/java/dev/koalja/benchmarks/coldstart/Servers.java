package dev.koalja.benchmarks.coldstart;

import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.knative.serving.local.AppBuild;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a function process could be made of: HTTP servers with nothing around them, and our runtime
 * in other packagings and with other settings of the JVM. Start, memory, and requests a second over
 * 1, 32 and 256 connections.
 */
public final class Servers implements Measurement {
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final Duration COUNTED = Duration.ofSeconds(2);
  private static final int USUAL = 32;
  private static final String PACKAGE = "dev.koalja.benchmarks.peers.servers.";
  private static final String CACHE = "app.aot";
  private static final Map<String, String> FUNCTION =
      Map.of(
          "KOALJA_HOST", "127.0.0.1",
          "KOALJA_WATCH_PARENT", "true",
          "K_SERVICE", "hello",
          "K_CONFIGURATION", "hello",
          "K_REVISION", "benchmark");

  /** What is measured of each. */
  private enum Metric {
    REPLY("first reply", "ms"),
    IDLE_MEMORY("idle memory", "MB"),
    ONE("1 connection", "/s"),
    SOME("32", "/s"),
    MANY("256", "/s"),
    PROCESSOR("processor a request, 32", "µs"),
    BUSY_MEMORY("memory after", "MB");

    private final String title;
    private final String unit;

    Metric(String title, String unit) {
      this.title = title;
      this.unit = unit;
    }
  }

  @Override
  public String name() {
    return "servers";
  }

  @Override
  public String summary() {
    return "HTTP servers, packagings and JVM settings: start, memory, requests over 1, 32 and 256 connections";
  }

  @Override
  public int defaultRuns() {
    return 5;
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    List<Subject> subjects = new ArrayList<>();
    for (Subject each : subjects(run.home().resolve("benchmarks/peers"))) {
      Path cache = each.folder().resolve(cacheName(each));
      Training.ensure(each, cache, run);
      subjects.add(each.cached(each.name(), cache));
    }
    Map<String, Map<Metric, List<Double>>> values = new LinkedHashMap<>();
    subjects.forEach(each -> values.put(each.name(), new EnumMap<>(Metric.class)));
    for (int round = 0; round < run.rounds(); round++) {
      Collections.rotate(subjects, 1); // nobody always follows the same one
      for (Subject subject : subjects) {
        Map<Metric, List<Double>> its = Objects.requireNonNull(values.get(subject.name()));
        measure(subject, run.scratch().resolve("output.log"))
            .forEach(
                (metric, value) -> its.computeIfAbsent(metric, _ -> new ArrayList<>()).add(value));
      }
      run.progress("round %d of %d", round + 1, run.rounds());
    }
    return report(run, machine.after(), values);
  }

  /** A cache fits the flags it was trained with only. */
  private static String cacheName(Subject subject) {
    return subject.flags().equals(AppBuild.FLAGS)
        ? CACHE
        : "%08x.aot".formatted(subject.flags().hashCode());
  }

  private static List<Subject> subjects(Path peers) throws IOException {
    Path packagings = peers.resolve("packagings/target");
    Path ours = packagings.resolve("quarkus-app/quarkus-run.jar");
    Path servers = peers.resolve("servers/target/app");
    List<String> tuned =
        List.of(
            "-Dsun.net.httpserver.nodelay=true", "-Dsun.net.httpserver.maxIdleConnections=2000");
    List<Subject> subjects = new ArrayList<>();
    subjects.add(Subject.flagged("Koalja", ours, FUNCTION));
    subjects.add(
        Subject.flagged(
            "Koalja, fast-jar", packagings.resolve("fast-app/quarkus-run.jar"), FUNCTION));
    subjects.add(Subject.flagged("Koalja, uber-jar", uberJar(packagings), FUNCTION));
    subjects.add(otherwise("Koalja, both compilers", ours, "-XX:TieredStopAtLevel=1", ""));
    subjects.add(otherwise("Koalja, parallel GC", ours, "-XX:+UseSerialGC", "-XX:+UseParallelGC"));
    subjects.add(otherwise("Koalja, G1", ours, "-XX:+UseSerialGC", "-XX:+UseG1GC"));
    subjects.add(server("JDK", servers, "jdk", "JdkServer", tuned));
    subjects.add(server("robaho", servers, "robaho", "JdkServer", tuned));
    subjects.add(server("Netty", servers, "netty", "NettyServer", List.of()));
    subjects.add(server("Vert.x", servers, "vertx", "VertxServer", List.of()));
    subjects.add(server("Jetty", servers, "jetty", "JettyServer", List.of()));
    subjects.add(server("Undertow", servers, "undertow", "UndertowServer", List.of()));
    return subjects;
  }

  /** Ours with one flag changed; an empty one is none. */
  private static Subject otherwise(String name, Path jar, String flag, String other) {
    Subject usual = Subject.flagged(name, jar, FUNCTION);
    List<String> flags =
        usual.flags().stream()
            .map(each -> each.equals(flag) ? other : each)
            .filter(each -> !each.isEmpty())
            .toList();
    return new Subject(name, usual.folder(), usual.program(), flags, usual.environment());
  }

  private static Path uberJar(Path packagings) throws IOException {
    Path folder = packagings.resolve("uber-app");
    try (Stream<Path> files = Files.walk(Files.isDirectory(folder) ? folder : packagings)) {
      return files
          .filter(each -> each.getFileName().toString().endsWith("-runner.jar"))
          .findFirst()
          .orElseThrow(() -> new IOException("no uber-jar in " + packagings));
    }
  }

  private static Subject server(
      String name, Path servers, String folder, String main, List<String> flags)
      throws IOException {
    Path libraries = servers.resolve(folder);
    String path;
    try (Stream<Path> jars = Stream.concat(Files.list(servers), Files.list(libraries))) {
      path =
          jars.filter(each -> each.toString().endsWith(".jar"))
              .sorted()
              .map(Path::toString)
              .collect(Collectors.joining(File.pathSeparator));
    }
    List<String> all = new ArrayList<>(AppBuild.FLAGS);
    all.addAll(flags);
    return new Subject(name, libraries, List.of("-cp", path, PACKAGE + main), all, Map.of());
  }

  private static Map<Metric, Double> measure(Subject subject, Path log)
      throws IOException, InterruptedException {
    Map<Metric, Double> found = new EnumMap<>(Metric.class);
    try (Start start = new Start(subject, log)) {
      found.put(Metric.REPLY, start.firstReply().toNanos() / 1e6);
      Thread.sleep(IDLE); // what it still does after the reply is over
      found.put(Metric.IDLE_MEMORY, start.residentBytes() / 1e6);
      Crowd.ask(start.port(), USUAL, WARM_UP);
      found.put(Metric.ONE, rate(start, 1));
      Duration before = start.processorTime();
      double rate = rate(start, USUAL);
      found.put(Metric.SOME, rate);
      found.put(
          Metric.PROCESSOR,
          start.processorTime().minus(before).toNanos() / 1e3 / (rate * COUNTED.toSeconds()));
      found.put(Metric.MANY, rate(start, 256));
      found.put(Metric.BUSY_MEMORY, start.residentBytes() / 1e6);
      return found;
    } catch (IOException | java.util.concurrent.ExecutionException e) {
      throw new IOException(
          subject.name() + ": " + e.getMessage() + "\n" + Files.readString(log), e);
    }
  }

  private static double rate(Start start, int connections)
      throws IOException, java.util.concurrent.ExecutionException, InterruptedException {
    return (double) Crowd.ask(start.port(), connections, COUNTED) / COUNTED.toSeconds();
  }

  private static Report report(
      Run run, Machine machine, Map<String, Map<Metric, List<Double>>> values) {
    List<Series> all = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      Series reference = null;
      for (Map.Entry<String, Map<Metric, List<Double>>> each : values.entrySet()) {
        List<Double> its = Objects.requireNonNull(each.getValue().get(metric));
        Series series =
            reference == null
                ? Series.reference(each.getKey(), metric.title, metric.unit, its)
                : Series.compared(each.getKey(), reference, its);
        reference = reference == null ? series : reference;
        all.add(series);
      }
    }
    return new Report(
        "servers",
        Instant.now(),
        run.rounds(),
        machine,
        all,
        List.of(),
        List.of(
            "Each with a start-up cache trained with its flags on the very request; flags "
                + String.join(" ", AppBuild.FLAGS)
                + " unless the row says otherwise.",
            "Requests a second, each connection kept and asking again when it was answered, from a sender on the same"
                + " processors: the processor time of a request says more. First two seconds over 32 connections, which do not count.",
            "JDK to Undertow are a server and the same greeter, called on a virtual thread: no CDI, no configuration, no function model."));
  }
}
