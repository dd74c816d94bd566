package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.cli.breadboard.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several projects run together; the wiring of one changes, with what its links hold. */
@Timeout(300)
class ReloadWiringIT {
  @TempDir Path dir;
  private Process run;

  @Test
  void shouldChangeTheWiringOfOneProjectAndKeepWhatItsLinksHold() throws Exception {
    Path wires = project("wires", "spec: {links: [{name: wire}]}");
    project("cables", "spec: {links: [{name: cable}]}");
    run =
        Command.start(
            dir,
            "run",
            "run",
            "wires",
            "cables",
            "--port=" + Plan.freePort(0),
            "--control-port=" + Plan.freePort(0),
            "--kafka-port=" + Plan.freePort(0));
    try {
      awaitText("Saved changes are brought in");
      Command.run(dir, "send", "wires/wire", "--text", "before").succeeded();

      Files.writeString(wires, pipeline("wires", "spec: {links: [{name: wire}, {name: more}]}"));
      awaitText("wires revision 2: wired anew in ");
      Command.run(dir, "send", "wires/more", "--text", "after").succeeded();
      assertThat(
              Command.run(dir, "tail", "wires/wire", "--from-start", "--no-follow")
                  .succeeded()
                  .out())
          .contains("before");
      assertThat(Command.out(dir, "run")).doesNotContain("cables revision 2");

      Files.writeString(wires, pipeline("wires", "spec: {links: [{nam: wire}]}"));
      awaitText("what runs goes on");
      assertThat(Command.err(dir, "run")).contains("pipeline.yaml:4:", "The wiring is wrong");
      Command.run(dir, "send", "wires/more", "--text", "still").succeeded();
    } finally {
      Command.run(dir, "stop");
      assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private Path project(String name, String spec) throws IOException {
    Path folder = Files.createDirectories(dir.resolve(name));
    return Files.writeString(folder.resolve("pipeline.yaml"), pipeline(name, spec));
  }

  private static String pipeline(String name, String spec) {
    return """
    apiVersion: koalja.dev/v1alpha1
    kind: Pipeline
    metadata: {name: %s}
    %s
    """
        .formatted(name, spec);
  }

  private void awaitText(String text) throws IOException {
    await("\"" + text + "\"")
        .atMost(Duration.ofMinutes(2))
        .until(
            () ->
                (Command.out(dir, "run") + Command.err(dir, "run")).contains(text)
                    || !run.isAlive());
    assertThat(Command.out(dir, "run") + Command.err(dir, "run")).contains(text);
  }
}
