package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.koalja.cli.breadboard.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a run when one of its processes, or itself, is killed. */
@Timeout(300)
class RunKilledIT {
  @TempDir Path dir;
  private Path folder;
  private Process run;

  @BeforeEach
  void start() throws Exception {
    folder = Files.createDirectory(dir.resolve("wires"));
    Files.writeString(
        folder.resolve("pipeline.yaml"),
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: wires}
        spec:
          links: [{name: wire}]
        """);
    run =
        Command.start(
            folder,
            "run",
            "run",
            "--port=" + Plan.freePort(0),
            "--control-port=" + Plan.freePort(0),
            "--kafka-port=" + Plan.freePort(0));
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> Command.out(folder, "run").contains("Ctrl-C stops") || !run.isAlive());
    assertThat(run.isAlive()).as(Command.err(folder, "run")).isTrue();
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
  void shouldStartBrokerAndBreadboardAgainAfterACrash() throws Exception {
    send("before");

    child("KafkaBroker").destroyForcibly();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> Command.err(folder, "run").contains("Kafka ended"));
    send("after the broker");

    child("quarkus-run.jar").destroyForcibly();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> Command.err(folder, "run").contains("Gateway and router ended"));
    send("after the breadboard");

    String events =
        Command.run(folder, "tail", "wire", "--from-start", "--no-follow").succeeded().out();
    assertThat(events).contains("before", "after the broker", "after the breadboard");
  }

  @Test
  void shouldStopInOrderWhileTheBreadboardIsStartedAgain() throws Exception {
    ProcessHandle broker = child("KafkaBroker");
    ProcessHandle breadboard = child("quarkus-run.jar");
    breadboard.destroyForcibly();
    breadboard.onExit().get(10, TimeUnit.SECONDS);

    assertThat(Command.run(folder, "stop").succeeded().out())
        .isEqualTo("Stopped. The data is kept.\n");

    assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(broker.isAlive()).isFalse();
    assertThat(folder.resolve(".koalja/breadboard.json")).doesNotExist();
    assertThat(breadboardsOf(folder)).isEmpty();
  }

  @Test
  void shouldLeaveNoProcessBehindWhenItIsKilledItself() {
    List<ProcessHandle> children = run.descendants().toList();
    assertThat(children).hasSize(2);

    run.destroyForcibly();

    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void shouldEndInGoodOrderOnCtrlC() throws Exception {
    assumeFalse(interruptIgnored(), "1 case skipped: this shell ignores Ctrl-C for what it starts");
    List<ProcessHandle> children = run.descendants().toList();

    new ProcessBuilder("kill", "-INT", String.valueOf(run.pid())).start().waitFor();

    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).isZero();
    assertThat(children).noneMatch(ProcessHandle::isAlive);
    assertThat(Command.err(folder, "run")).contains("Stopping", "Stopped.");
    assertThat(folder.resolve(".koalja/breadboard.json")).doesNotExist();
  }

  /** Also those nobody is the parent of any more. */
  private static List<ProcessHandle> breadboardsOf(Path folder) {
    return ProcessHandle.allProcesses()
        .filter(each -> each.info().commandLine().orElse("").contains(folder.toString()))
        .toList();
  }

  private void send(String text) throws Exception {
    Command.run(folder, "send", "wire", "--text", text).succeeded();
  }

  private ProcessHandle child(String word) {
    return run.descendants()
        .filter(each -> each.info().commandLine().orElse("").contains(word))
        .findFirst()
        .orElseThrow();
  }

  private static boolean interruptIgnored() throws Exception {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }
}
