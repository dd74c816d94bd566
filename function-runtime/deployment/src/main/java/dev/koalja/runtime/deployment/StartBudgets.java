package dev.koalja.runtime.deployment;

import com.fasterxml.jackson.databind.SerializationFeature;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.yaml.Durations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The functions of an app that say how long a cold start may take. They share their process or one
 * of the same make, so that one measurement is for all of them.
 *
 * @param functions those with a budget
 */
record StartBudgets(List<FunctionMethod> functions) {
  private static final int STARTS = 5;

  /** Starts more before a build fails: a busy machine may have spoilt some. */
  private static final int MORE_STARTS = 10;

  StartBudgets {
    functions = functions.stream().filter(each -> each.coldStartBudget().isPresent()).toList();
  }

  boolean none() {
    return functions.isEmpty();
  }

  /** Measures until it is clear whether the budgets are kept. */
  void measure(StartMeasurement measurement, StartMeasurement.Program program)
      throws IOException, InterruptedException {
    measurement.run(program, STARTS);
    if (!problems(measurement, true).isEmpty()) {
      measurement.run(program, MORE_STARTS);
    }
  }

  /**
   * The budgets that are exceeded.
   *
   * @param cached whether the app has a start-up cache
   */
  List<BuildProblem> problems(StartMeasurement measurement, boolean cached) {
    Duration took = Duration.ofMillis(Math.round(measurement.onReference().toNanos() / 1e6));
    return functions.stream()
        .filter(each -> took.compareTo(each.coldStartBudget().orElseThrow()) > 0)
        .map(
            each ->
                new BuildProblem(
                    each.where(),
                    "its cold start takes %d ms, more than coldStartBudget, which is %s: %.0f ms here%s, %.2f times the reference program, which takes %d ms where budgets hold"
                        .formatted(
                            took.toMillis(),
                            Durations.format(each.coldStartBudget().orElseThrow()),
                            measurement.appMillis(),
                            cached ? "" : " without a start-up cache, which could not be made",
                            measurement.ratio(),
                            StartMeasurement.REFERENCE.toMillis()),
                    "Leave out dependencies and work at start, such as in constructors, or write coldStartBudget = \"%d ms\""
                        .formatted(took.toMillis() * 5 / 4)
                        .replace(" ms\"", "ms\"")))
        .toList();
  }

  /** Leaves what was found beside the app, for whoever runs it. */
  void write(StartMeasurement measurement, Path file) throws IOException {
    Map<String, Long> budgets = new LinkedHashMap<>();
    functions.forEach(
        each -> budgets.put(each.task().value(), each.coldStartBudget().orElseThrow().toMillis()));
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("startMs", tenths(measurement.appMillis()));
    found.put("referenceMs", tenths(measurement.referenceMillis()));
    found.put("ratio", Math.round(measurement.ratio() * 1000) / 1000.0);
    found.put("onReferenceMs", tenths(measurement.onReference().toNanos() / 1e6));
    found.put("starts", measurement.starts());
    found.put("budgetMs", budgets);
    Json.MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), found);
  }

  private static double tenths(double millis) {
    return Math.round(millis * 10) / 10.0;
  }
}
