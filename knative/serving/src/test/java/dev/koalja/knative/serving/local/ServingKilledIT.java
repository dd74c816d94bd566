package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServingKilledIT {
  @TempDir Path folder;

  @Test
  void shouldLeaveNoProcessBehindWhenItIsKilled() throws Exception {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                ServingMain.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = parent.inputReader()) {
      String line = out.readLine();
      assertThat(line).startsWith("process ");
      long pid = Long.parseLong(line.replace("process ", ""));
      assertThat(ProcessHandle.of(pid)).isPresent();

      parent.destroyForcibly().waitFor();

      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false),
              alive -> !alive);
    } finally {
      parent.destroyForcibly();
    }
  }
}
