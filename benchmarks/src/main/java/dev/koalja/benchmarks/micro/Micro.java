package dev.koalja.benchmarks.micro;

import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Single steps of the router with JMH: assembly, filters, offset tracking, each beside the least
 * that could do it. A round is a fresh JVM for each.
 */
public final class Micro implements Measurement {
  private static final TimeValue WARM_UP = TimeValue.milliseconds(700);
  private static final TimeValue ITERATION = TimeValue.milliseconds(300);
  private static final int WARM_UPS = 3;
  private static final int ITERATIONS = 3;
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  @Override
  public String name() {
    return "micro";
  }

  @Override
  public String summary() {
    return "time and memory of single steps (JMH): assembly, filters, offset tracking";
  }

  @Override
  public int defaultRuns() {
    return 2;
  }

  /** The values of one row, by round. */
  private record Row(List<Double> nanos, List<Double> bytes) {
    Row() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    Map<String, Row> rows = new LinkedHashMap<>();
    for (int round = 1; round <= run.rounds(); round++) {
      for (Class<?> each :
          List.of(
              AssemblySteps.class,
              FilterVerdicts.class,
              OffsetTracking.class,
              OffsetMetadata.class)) {
        for (RunResult result : measure(each)) {
          Row row = rows.computeIfAbsent(rowOf(each, result.getParams()), _ -> new Row());
          row.nanos().add(result.getPrimaryResult().getScore());
          row.bytes()
              .add(Objects.requireNonNull(result.getSecondaryResults().get(ALLOCATED)).getScore());
        }
        run.progress("round %d of %d: %s", round, run.rounds(), each.getSimpleName());
      }
    }
    return report(run, machine.after(), rows);
  }

  private static Collection<RunResult> measure(Class<?> benchmark) throws Exception {
    Options options =
        new OptionsBuilder()
            .include(benchmark.getName() + "\\.")
            .mode(Mode.AverageTime)
            .timeUnit(TimeUnit.NANOSECONDS)
            .forks(1)
            .jvmArgsAppend(
                "-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders")
            .warmupIterations(WARM_UPS)
            .warmupTime(WARM_UP)
            .measurementIterations(ITERATIONS)
            .measurementTime(ITERATION)
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    return new Runner(options).run();
  }

  private static String rowOf(Class<?> benchmark, BenchmarkParams params) {
    if (benchmark == AssemblySteps.class) {
      return assembly(params.getParam("policy"), params.getParam("keys"));
    }
    if (benchmark == FilterVerdicts.class) {
      return "filter, " + params.getParam("filter");
    }
    return benchmark == OffsetTracking.class
        ? "offsets %s, %s".formatted(params.getParam("order"), params.getParam("with"))
        : "offset metadata, " + params.getParam("with");
  }

  private static String assembly(String policy, String keys) {
    return "assembly %s, %,d open".formatted(policy, Integer.parseInt(keys));
  }

  /** What a row is compared with: fewer keys, the filter itself, the tracker. */
  static Optional<String> referenceOf(String row) {
    String reference =
        row.replaceFirst(", [\\d,]+ open$", ", 1 open")
            .replaceFirst(" by hand$", "")
            .replaceFirst("(offset.*), (tree|bits)$", "$1, tracker");
    return reference.equals(row) ? Optional.empty() : Optional.of(reference);
  }

  private Report report(Run run, Machine machine, Map<String, Row> rows) {
    List<Series> series = new ArrayList<>();
    rows.forEach(
        (name, row) -> {
          Optional<Row> reference = referenceOf(name).map(rows::get);
          series.add(series(name, "time", "ns", row.nanos(), reference.map(Row::nanos)));
          series.add(series(name, "allocated", "bytes", row.bytes(), reference.map(Row::bytes)));
        });
    return new Report(
        name(),
        Instant.now(),
        run.rounds(),
        machine,
        series,
        List.of(
            atMost(rows, "assembly AllNew, 10,000 open", "assembly AllNew, 1 open", 3),
            atMost(rows, "assembly window, 10,000 open", "assembly window, 1 open", 3),
            atMost(rows, "filter, CESQL", "filter, CESQL by hand", 10),
            atMost(rows, "filter, JSON data", "filter, JSON data by hand", 2),
            atMost(rows, "offsets out of order, tracker", "offsets out of order, tree", 2),
            atMost(rows, "offset metadata, tracker", "offset metadata, bits", 10)),
        List.of(
            "An arrival, a verdict, an offset, the metadata of one commit; a JVM of its own for each and round.",
            "Arrivals carry 1 KB; \"queues\" is a map of queues in memory: no state to restore, no limits, no time."));
  }

  private static Series series(
      String name, String metric, String unit, List<Double> values, Optional<List<Double>> to) {
    return to.map(
            reference ->
                Series.compared(name, Series.reference(name, metric, unit, reference), values))
        .orElseGet(() -> Series.reference(name, metric, unit, values));
  }

  private static Aim atMost(Map<String, Row> rows, String ours, String other, double bound) {
    Series reference = Series.reference(other, "", "", rows.getOrDefault(other, new Row()).nanos());
    Series compared = Series.compared(ours, reference, rows.getOrDefault(ours, new Row()).nanos());
    return Aim.atMost(
        "time, %s / %s".formatted(ours, other), compared.ratios().orElseThrow().median(), bound);
  }
}
