package dev.koalja.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChildProcessTest {
  @TempDir Path dir;

  private Launch shell(String script) {
    return shell(script, Duration.ofSeconds(30));
  }

  private Launch shell(String script, Duration limit) {
    return new Launch(
        "child",
        List.of("/bin/sh", "-c", script),
        Map.of("WORD", "hello"),
        Optional.of(dir),
        dir.resolve("logs/child.log"),
        "koalja: ready",
        limit);
  }

  @Test
  void shouldReturnWhenTheChildSaysThatItIsReady() throws Exception {
    try (ChildProcess child =
        ChildProcess.start(
            shell("echo $WORD $KOALJA_WATCH_PARENT; echo koalja: ready on 1; exec sleep 50"))) {
      assertThat(child.readyLine()).isEqualTo("koalja: ready on 1");
      assertThat(child.alive()).isTrue();
      assertThat(dir.resolve("logs/child.log")).content().startsWith("hello true\n");

      child.kill9();

      assertThat(child.alive()).isFalse();
      assertThat(child.onExit().get()).isEqualTo(137);
    }
  }

  @Test
  void shouldGiveTheChildsOwnReasonWhenItEndsFirst() {
    Launch refusing =
        shell("echo noise; echo koalja broker: port 1 is in use >&2; echo more noise; exit 69");
    assertThatThrownBy(() -> ChildProcess.start(refusing))
        .isInstanceOfSatisfying(LaunchException.class, e -> assertThat(e.exitCode()).hasValue(69))
        .hasMessage("port 1 is in use");
  }

  @Test
  void shouldNameTheLogWhenTheChildEndsForItsOwnFault() {
    assertThatThrownBy(() -> ChildProcess.start(shell("echo oops; exit 1")))
        .hasMessage("oops; see " + dir.resolve("logs/child.log"));
  }

  @Test
  void shouldGiveUpOnAChildThatIsNeverReadyAndLeaveNothing() throws Exception {
    Launch silent = shell("echo $$ > pid; exec sleep 50", Duration.ofMillis(500));
    assertThatThrownBy(() -> ChildProcess.start(silent)).hasMessageContaining("not ready within");
    long pid = Long.parseLong(Files.readString(dir.resolve("pid")).strip());
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void shouldSayAtOnceThatItsLogCannotBeWritten() throws Exception {
    Files.createDirectories(dir.resolve("logs/child.log"));
    assertThatThrownBy(() -> ChildProcess.start(shell("touch started; exec sleep 50")))
        .isInstanceOf(LaunchException.class)
        .hasMessageContaining("its log " + dir.resolve("logs/child.log") + " cannot be written");
    assertThat(dir.resolve("started")).doesNotExist();
  }

  @Test
  void shouldNotWaitForAChildThatClosesItsOutputBeforeItIsReady() throws Exception {
    Launch silent = shell("echo $$ > pid; exec sleep 50 >/dev/null 2>&1");
    assertThatThrownBy(() -> ChildProcess.start(silent)).hasMessageContaining("closed its output");
    long pid = Long.parseLong(Files.readString(dir.resolve("pid")).strip());
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void shouldKeepOneOldLogBeyondItsLimit() throws Exception {
    Path file = dir.resolve("logs/a.log");
    try (ProcessLog log = ProcessLog.open(file, 10)) {
      List.of("first", "second", "third", "4").forEach(log::write);
    }
    assertThat(file).hasContent("third\n4\n");
    assertThat(dir.resolve("logs/a.log.1")).hasContent("second\n");
  }

  @Test
  void shouldGoOnWithoutALogAndFindItAgain() throws Exception {
    Path file = dir.resolve("logs/a.log");
    try (ProcessLog log = ProcessLog.open(file, 10)) {
      log.write("first");
      Files.createDirectories(dir.resolve("logs/a.log.1/in the way"));
      log.write("second");
      Files.delete(dir.resolve("logs/a.log.1/in the way"));
      log.write("third");
    }
    assertThat(file).hasContent("third\n");
  }

  @Test
  void shouldKeepWhatAChildSaysWhileItIsStopped() throws Exception {
    ChildProcess child =
        ChildProcess.start(
            shell(
                "trap 'echo bye; exit 0' TERM; echo koalja: ready; while true; do sleep 0.05; done"));
    child.stop(Duration.ofSeconds(20));
    assertThat(child.onExit().get()).isZero();
    assertThat(dir.resolve("logs/child.log")).content().endsWith("bye\n");
  }

  @Test
  void shouldNotPassCtrlCToItsChildren() throws Exception {
    try (ChildProcess child = ChildProcess.start(shell("echo koalja: ready; exec sleep 50"))) {
      new ProcessBuilder("kill", "-INT", String.valueOf(child.pid())).start().waitFor();
      assertThatThrownBy(() -> child.onExit().get(500, TimeUnit.MILLISECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
    }
  }

  @Test
  void shouldUseACacheOnlyWhenItIsNewerThanEveryJar() throws Exception {
    Path jar = Files.writeString(dir.resolve("a.jar"), "x");
    Path cache = dir.resolve("a.aot");
    assertThat(JvmOptions.cache(cache, dir)).isEmpty();

    Files.writeString(cache, "x");
    Files.setLastModifiedTime(
        jar,
        java.nio.file.attribute.FileTime.fromMillis(
            Files.getLastModifiedTime(cache).toMillis() - 1000));
    assertThat(JvmOptions.cache(cache, dir)).contains("-XX:AOTCache=" + cache);

    Files.setLastModifiedTime(
        jar,
        java.nio.file.attribute.FileTime.fromMillis(
            Files.getLastModifiedTime(cache).toMillis() + 1000));
    assertThat(JvmOptions.cache(cache, dir)).isEmpty();
  }

  @Test
  void shouldAddOptionsOfTheUserBehindOurs() {
    List<String> ours = List.of("-Xmx512m");
    assertThat(JvmOptions.withMore(ours, "  -Xmx1g   -XX:+UseZGC "))
        .containsExactly("-Xmx512m", "-Xmx1g", "-XX:+UseZGC");
    assertThat(JvmOptions.withMore(ours, " ")).isEqualTo(ours);
    assertThat(JvmOptions.withMore(ours, null)).isEqualTo(ours);
  }
}
