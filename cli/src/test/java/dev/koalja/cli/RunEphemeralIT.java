package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.cli.breadboard.Plan;
import dev.koalja.cli.control.RunningCircuit;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that keeps nothing, with its state in a folder of its own. */
@Timeout(300)
class RunEphemeralIT {
  @TempDir Path dir;
  private Path folder;
  private Path temporary;
  private Process run;

  @BeforeEach
  void start() throws Exception {
    folder = Files.createDirectory(dir.resolve("wires"));
    temporary = Files.createDirectory(dir.resolve("tmp"));
    Files.writeString(
        folder.resolve("pipeline.yaml"),
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: wires}
        spec:
          links: [{name: wire}]
        """);
    // of an earlier run that was killed
    new RunningCircuit(
            1,
            URI.create("http://127.0.0.1:1"),
            URI.create("http://127.0.0.1:2"),
            "127.0.0.1:3",
            folder.resolve("elsewhere"),
            temporary,
            false,
            Instant.EPOCH,
            Map.of())
        .write(folder.resolve(".koalja"));
    run =
        Command.start(
            folder,
            "run",
            Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary),
            "run",
            "--ephemeral",
            "--data=elsewhere",
            "--port=" + Plan.freePort(0),
            "--control-port=" + Plan.freePort(0),
            "--kafka-port=" + Plan.freePort(0));
  }

  @AfterEach
  void stop() throws Exception {
    List<ProcessHandle> children = run.descendants().toList();
    run.destroyForcibly().waitFor();
    for (ProcessHandle child : children) {
      child.onExit().get(1, TimeUnit.MINUTES); // it still writes to the folder that goes now
    }
  }

  @Test
  void shouldBeFoundFromItsFolderAndKeepNothing() throws Exception {
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> Command.out(folder, "run").contains("Ctrl-C stops") || !run.isAlive());
    assertThat(run.isAlive()).as(Command.err(folder, "run")).isTrue();

    assertThat(Command.run(folder, "link", "list").succeeded().out()).contains("wire");
    Command.Result second = Command.run(folder, "run", "--data=elsewhere");
    assertThat(second.status()).isEqualTo(Exit.USAGE);
    assertThat(second.err()).contains("runs already");

    assertThat(Command.run(folder, "stop").succeeded().out())
        .isEqualTo("Stopped. Nothing is kept.\n");

    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).isZero();
    assertThat(kept()).isEmpty();
    assertThat(folder.resolve(".koalja/breadboard.json")).doesNotExist();
    assertThat(Command.run(folder, "link", "list").status()).isEqualTo(Exit.UNAVAILABLE);
  }

  @Test
  void shouldKeepNothingWhenItIsEndedWhileItStarts() throws Exception {
    await().atMost(Duration.ofMinutes(1)).until(() -> !kept().isEmpty() || !run.isAlive());
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> run.descendants().count() > 0 || !run.isAlive());
    List<ProcessHandle> children = run.descendants().toList();

    run.destroy();

    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
    assertThat(kept()).isEmpty();
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return new ArrayList<>(
          files.filter(file -> String.valueOf(file.getFileName()).startsWith("koalja")).toList());
    }
  }
}
