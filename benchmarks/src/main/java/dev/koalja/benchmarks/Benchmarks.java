package dev.koalja.benchmarks;

import com.fasterxml.jackson.databind.SerializationFeature;
import dev.koalja.benchmarks.coldstart.ColdStart;
import dev.koalja.benchmarks.coldstart.FromZero;
import dev.koalja.benchmarks.coldstart.Servers;
import dev.koalja.benchmarks.day.Day;
import dev.koalja.benchmarks.isolation.Isolation;
import dev.koalja.benchmarks.joins.Joins;
import dev.koalja.benchmarks.keys.Keys;
import dev.koalja.benchmarks.latency.Latency;
import dev.koalja.benchmarks.micro.Micro;
import dev.koalja.benchmarks.reloads.Reloads;
import dev.koalja.benchmarks.routers.Routers;
import dev.koalja.benchmarks.scale.Scale;
import dev.koalja.benchmarks.throughput.Throughput;
import dev.koalja.launch.KoaljaHome;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The program behind {@code benchmarks/run}. Ends with 64 when it is called wrongly. */
public final class Benchmarks {
  private static final int USAGE = 64;
  private static final int LOG_LINES = 20;
  private static final List<Measurement> ALL =
      List.of(
          new ColdStart(),
          new FromZero(),
          new Servers(),
          new Throughput(),
          new Latency(),
          new Keys(),
          new Scale(),
          new Isolation(),
          new Routers(),
          new Day(),
          new Joins(),
          new Reloads(),
          new Micro());

  private Benchmarks() {}

  /** What was asked for. */
  private record Arguments(Measurement measurement, Optional<Path> json, int runs) {}

  /** {@code list}, or {@code NAME [--json FILE] [--runs N]}. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      ALL.forEach(
          each ->
              System.out.printf(
                  "%-12s %s (%d rounds)%n", each.name(), each.summary(), each.defaultRuns()));
      return;
    }
    Arguments asked;
    try {
      asked = parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("benchmarks: " + e.getMessage());
      System.exit(USAGE);
      return;
    }
    run(asked);
  }

  private static Arguments parse(String[] arguments) {
    Measurement measurement =
        ALL.stream()
            .filter(each -> each.name().equals(arguments[0]))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "there is no measurement %s; there are %s"
                            .formatted(
                                arguments[0], ALL.stream().map(Measurement::name).toList())));
    Optional<Path> json = Optional.empty();
    int runs = measurement.defaultRuns();
    for (int i = 1; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " needs a value");
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--json" -> json = Optional.of(Path.of(value));
        case "--runs" -> runs = runs(value);
        default ->
            throw new IllegalArgumentException(
                "unknown: %s; there are --json FILE and --runs N".formatted(arguments[i]));
      }
    }
    return new Arguments(measurement, json, runs);
  }

  private static int runs(String value) {
    if (!value.matches("[1-9]\\d{0,2}")) {
      throw new IllegalArgumentException("--runs needs a number from 1 to 999, not " + value);
    }
    return Integer.parseInt(value);
  }

  private static void run(Arguments asked) throws Exception {
    Path scratch = Files.createTempDirectory("koalja-benchmark-");
    Thread cleanUp = new Thread(() -> cleanUp(scratch));
    Runtime.getRuntime().addShutdownHook(cleanUp);
    Report report;
    try {
      report = asked.measurement().run(new Run(asked.runs(), KoaljaHome.find().root(), scratch));
    } catch (Exception e) {
      try {
        tellLogs(scratch);
      } catch (IOException | UncheckedIOException unreadable) {
        e.addSuppressed(unreadable);
      }
      throw e;
    }
    System.out.print(ReportTable.of(report));
    if (asked.json().isPresent()) {
      Json.MAPPER
          .writer()
          .with(SerializationFeature.INDENT_OUTPUT)
          .writeValue(asked.json().get().toFile(), report);
    }
  }

  /** What the processes said is why it failed; it would go away with the folder. */
  private static void tellLogs(Path scratch) throws IOException {
    List<Path> logs;
    try (Stream<Path> files = Files.walk(scratch)) {
      // segments of Kafka's topics are called so too
      logs =
          files
              .filter(each -> each.toString().endsWith(".log"))
              .filter(each -> each.toString().contains("/logs/"))
              .sorted()
              .toList();
    }
    for (Path log : logs.stream().filter(Files::isRegularFile).toList()) {
      List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
      System.err.println("  end of " + scratch.relativize(log) + ":");
      lines.stream()
          .skip(Math.max(0, lines.size() - LOG_LINES))
          .forEach(line -> System.err.println("    " + line));
    }
  }

  /** However we end, nothing of ours is left. */
  private static void cleanUp(Path scratch) {
    List<ProcessHandle> left = ProcessHandle.current().descendants().toList();
    left.forEach(ProcessHandle::destroyForcibly);
    left.forEach(each -> each.onExit().join());
    try (Stream<Path> files = Files.walk(scratch)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("benchmarks: left behind: " + scratch + ", " + e.getMessage());
    }
  }
}
