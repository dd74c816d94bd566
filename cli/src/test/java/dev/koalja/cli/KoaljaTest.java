package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.launch.ChildProcess;
import dev.koalja.launch.Launch;
import dev.koalja.launch.LaunchException;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class KoaljaTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "send",
        "tail",
        "capture",
        "trace",
        "explain",
        "snapshot",
        "init Bad_Name",
        "link",
        "deadletter retry",
        "graph no-such-file.yaml",
        "run no-such-folder",
        "send order {} --text x",
        "status --at localhost:9000",
        "send order {} --to localhost:8080",
        "logs kafka --at http://127.0.0.1:1",
        "logs shop --last -1"
      })
  void shouldEndWith64OnAMistake(String words) {
    assertThat(Koalja.execute(words.split(" "))).isEqualTo(Exit.USAGE);
  }

  static Stream<CommandLine> commands() {
    List<CommandLine> all = new ArrayList<>();
    collect(Koalja.commandLine(), all);
    return all.stream();
  }

  private static void collect(CommandLine command, List<CommandLine> all) {
    all.add(command);
    command.getSubcommands().values().forEach(each -> collect(each, all));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void shouldHaveHelpWithAnExampleAndJson(CommandLine command) {
    assertThat(command.getUsageMessage())
        .containsPattern("Examples?:|Begin with:")
        .contains("--json", "--help", "--verbose");
  }

  @Test
  void shouldCompleteCommands() {
    assertThat(picocli.AutoComplete.bash("koalja", Koalja.commandLine()))
        .contains("deadletter", "--no-follow");
  }

  @ParameterizedTest
  @CsvSource({"64, 64", "69, 69", "1, 70", "70, 70", "137, 69"})
  void shouldSayWhoseFaultItIsThatAProcessEnded(int status, int exit, @TempDir Path dir) {
    Launch launch =
        new Launch(
            "child",
            List.of("/bin/sh", "-c", "exit " + status),
            Map.of(),
            Optional.empty(),
            dir.resolve("child.log"),
            "ready",
            Duration.ofSeconds(30));
    assertThatThrownBy(() -> ChildProcess.start(launch))
        .isInstanceOfSatisfying(
            LaunchException.class, e -> assertThat(Koalja.exit(e)).isEqualTo(exit));
  }

  @Test
  void shouldNameALinkInAnAddressWhateverItIsCalled() {
    assertThat(SendCommand.path("shop/order")).isEqualTo("shop/order");
    assertThat(SendCommand.path("my link?")).isEqualTo("my%20link%3F");
  }

  @Test
  void shouldShowTheEndOfALogWhateverIsInIt(@TempDir Path dir) throws Exception {
    Path log = dir.resolve("kafka.log");
    Files.write(log, "first\nsecond \u00ff\nthird\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(LogsCommand.lastLines(log, 2, 1000)).containsExactly("second \ufffd", "third");
    assertThat(LogsCommand.lastLines(log, 5, 12)).containsExactly("third");
    assertThat(LogsCommand.lastLines(log, 0, 1000)).isEmpty();
  }

  @Test
  void shouldShowTheLogOfTheOneAppThatRuns() throws Exception {
    assertThat(LogsCommand.only(Json.MAPPER.readTree("[{\"app\":\"shop\"}]"))).isEqualTo("shop");
    JsonNode two = Json.MAPPER.readTree("[{\"app\":\"shop\"},{\"app\":\"stock\"}]");
    assertThatThrownBy(() -> LogsCommand.only(two))
        .isInstanceOf(CliException.class)
        .hasMessage("which app: shop, stock?");
    assertThatThrownBy(() -> LogsCommand.only(Json.MAPPER.createArrayNode()))
        .hasMessageStartingWith("no app runs here");
  }

  @Test
  void shouldSayWhatWentWrongInTheFirstPlace() {
    Exception full = new IOException("no space left on device");
    assertThat(ImageCommand.innermost(new UncheckedIOException(new IOException("layer", full))))
        .isEqualTo("no space left on device");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "a/b:c", "{}"})
  void shouldLeavePlainHeaderValuesAlone(String value) {
    assertThat(SendCommand.header(value)).isEqualTo(value);
  }

  @Test
  void shouldEncodeHeaderValuesAsCloudEventsSays() {
    assertThat(SendCommand.header("Euro € 😀 \"100%\""))
        .isEqualTo("Euro%20%E2%82%AC%20%F0%9F%98%80%20%22100%25%22");
  }
}
