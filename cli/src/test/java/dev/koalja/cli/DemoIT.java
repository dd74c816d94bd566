package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The first minute, where there is no git repository. */
@Timeout(300)
class DemoIT {
  @TempDir Path dir;

  @Test
  void shouldShowACircuitFromNothingAndKeepNothing() throws Exception {
    Path here = Files.createDirectory(dir.resolve("here"));
    Path temporary = Files.createDirectory(dir.resolve("tmp"));

    Command.Result result =
        Command.run(here, Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary), "demo");

    assertThat(result.succeeded().out())
        .contains(
            "webhook github ─▶ push ─▶ split ─▶ commit ─▶ classify ─▶ classified ─▶ digest ─▶ report")
        .contains("Posting a signed push with 12 commits of ours")
        .containsPattern("split +(started from zero in .*, )?1 in → 12 out")
        .containsPattern("classify +12 in → 12 out +feat 4 · fix 3 · docs 2")
        .contains("# This week: 4 features, 3 fixes")
        .containsPattern("First result [0-9.]+ s after the webhook")
        .containsPattern("└─ digest@1 .*attempt 1")
        .contains("from trigger github")
        .contains("Kept nothing.");
    try (var left = Files.list(here)) {
      assertThat(left).isEmpty();
    }
    try (var left = Files.list(temporary)) {
      assertThat(left.filter(file -> file.getFileName().toString().startsWith("koalja"))).isEmpty();
    }
  }

  @Test
  void shouldTellProgramsTheFactsAsJson() throws Exception {
    Path here = Files.createDirectory(dir.resolve("here"));

    Command.Result result = Command.run(here, "demo", "--json").succeeded();

    var facts = Json.MAPPER.readTree(result.out());
    assertThat(result.out()).hasLineCount(1);
    assertThat(facts.path("commits").asInt()).isEqualTo(12);
    assertThat(facts.path("coldStartMs").asLong()).isPositive();
    assertThat(facts.path("firstResultMs").asLong())
        .isGreaterThanOrEqualTo(facts.path("coldStartMs").asLong());
    assertThat(facts.path("report").asText()).startsWith("# This week");
  }
}
