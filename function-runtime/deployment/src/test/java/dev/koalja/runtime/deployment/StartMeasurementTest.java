package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jboss.jandex.Index;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartMeasurementTest {
  private static final List<String> FLAGS =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+UseCompactObjectHeaders");
  private static final String P = StartMeasurementTest.class.getName() + ".";

  @TempDir Path folder;

  static class Budgeted {
    @Function
    void any(@Input("a") String data) {}

    @Function(coldStartBudget = "10ms")
    void strict(@Input("b") String data) {}

    @Function(coldStartBudget = "50s")
    void patient(@Input("c") String data) {}
  }

  /** Starts as the reference program does, after a while. */
  static final class Late {
    private Late() {}

    public static void main(String... arguments) throws Exception {
      Thread.sleep(Long.parseLong(arguments[0]));
      ReferenceProgram.main();
    }
  }

  private StartMeasurement measurement() {
    return new StartMeasurement(FLAGS, folder.resolve("reference"));
  }

  private static StartBudgets budgets() throws IOException {
    return new StartBudgets(FunctionScan.of(Index.of(Budgeted.class)).functions());
  }

  private StartMeasurement.Program late(long millis) {
    List<String> command = new ArrayList<>(List.of(StartMeasurement.java()));
    command.addAll(FLAGS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Late.class.getName(), "" + millis));
    return new StartMeasurement.Program(command, folder);
  }

  @Test
  void saysHowManyTimesAsLongAsTheReferenceProgramAnAppTakes() throws Exception {
    StartMeasurement soon = measurement();
    soon.run(late(0), 3);
    StartMeasurement late = measurement();
    late.run(late(3000), 3);

    assertThat(soon.starts()).isEqualTo(3);
    assertThat(soon.ratio()).as("without a cache").isGreaterThan(1);
    assertThat(late.ratio()).isGreaterThan(soon.ratio());
    assertThat(late.appMillis()).isGreaterThan(3000);
    assertThat(late.appMillis() / late.referenceMillis()).isCloseTo(late.ratio(), near(2));
    assertThat(late.onReference())
        .isEqualTo(
            Duration.ofNanos(Math.round(late.ratio() * StartMeasurement.REFERENCE.toNanos())));
    assertThat(folder.resolve("reference/reference.aot")).isNotEmptyFile();
  }

  private static org.assertj.core.data.Percentage near(int times) {
    return org.assertj.core.data.Percentage.withPercentage(times * 100.0);
  }

  @Test
  void saysWhyAnAppDoesNotStart() {
    List<String> command = List.of(StartMeasurement.java(), "-cp", ".", "no.such.Main");
    assertThatThrownBy(() -> measurement().run(new StartMeasurement.Program(command, folder), 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not listen and ended with 1")
        .hasMessageContaining("no.such.Main");
  }

  @Test
  void namesTheFunctionWhoseBudgetIsExceededAndLeavesWhatItFound() throws Exception {
    StartMeasurement measurement = measurement();
    budgets().measure(measurement, late(0));

    assertThat(measurement.starts()).as("measured again before it fails").isEqualTo(15);
    assertThat(budgets().problems(measurement, true))
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.toString())
                    .matches(
                        "\\Q"
                            + P.replace('$', '.')
                            + "Budgeted.strict(String)\\E: its cold start takes \\d+ ms, more than coldStartBudget, which is 10ms: \\d+ ms here, [0-9.]+ times the reference program, which takes 60 ms where budgets hold\\. Leave out dependencies .* or write coldStartBudget = \"\\d+ms\"\\."));
    assertThat(budgets().problems(measurement, false).toString())
        .contains("without a start-up cache, which could not be made");

    Path file = folder.resolve("cold-start.json");
    budgets().write(measurement, file);
    JsonNode found = Json.MAPPER.readTree(Files.readString(file));
    assertThat(found.path("budgetMs").toString()).isEqualTo("{\"strict\":10,\"patient\":50000}");
    assertThat(found.path("starts").asInt()).isEqualTo(15);
    assertThat(found.path("ratio").asDouble()).isGreaterThan(1);
    assertThat(found.path("onReferenceMs").asDouble()).isGreaterThan(10);
  }

  @Test
  void measuresOnceWhereEveryBudgetIsKept() throws Exception {
    StartBudgets patient =
        new StartBudgets(
            budgets().functions().stream()
                .filter(each -> each.task().value().equals("patient"))
                .toList());
    StartMeasurement measurement = measurement();
    patient.measure(measurement, late(0));

    assertThat(measurement.starts()).isEqualTo(5);
    assertThat(patient.problems(measurement, true)).isEmpty();
    assertThat(budgets().none()).isFalse();
    assertThat(new StartBudgets(List.of()).none()).isTrue();
  }
}
