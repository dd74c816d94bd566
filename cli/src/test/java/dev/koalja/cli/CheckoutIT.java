package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.launch.KoaljaHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * When the scripts of a checkout build, with a Maven and a JDK that only say that they were called.
 */
@Timeout(60)
class CheckoutIT {
  @TempDir Path dir;
  private Path checkout;

  @BeforeEach
  void checkOut() throws Exception {
    Path home = KoaljaHome.find().root();
    checkout = Files.createDirectories(dir.resolve("a check out"));
    Files.createDirectories(checkout.resolve("cli/src/main"));
    for (String file : List.of("koalja", "build", "cli/jdk.sh", "cli/caches.sh", "cli/lock.sh")) {
      Files.copy(home.resolve(file), checkout.resolve(file));
    }
    program("jdk/bin/java", "for word in \"$@\"; do echo \"$word\"; done");
    program("jdk/bin/javac", "exit 1");
    Files.writeString(dir.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
    program(
        "bin/mvn",
        """
        echo "$*" >>"$CALLS"
        case $1 in --help) exit 0 ;; esac
        sleep 1
        mkdir -p cli/target/koalja/lib
        touch cli/target/koalja/lib/b.jar cli/target/koalja/lib/C.jar cli/target/koalja/lib/a.jar
        """);
  }

  private void program(String name, String script) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void shouldBuildOnceForTwoTerminals() throws Exception {
    Process first = start("koalja", "status");
    Process second = start("koalja", "status");

    String jars = checkout + "/cli/target/koalja/lib/";
    for (Process each : List.of(first, second)) {
      assertThat(output(each))
          .contains("\n-cp\n" + jars + "C.jar:" + jars + "a.jar:" + jars + "b.jar\n")
          .endsWith("dev.koalja.cli.Koalja\nstatus\n");
    }
    assertThat(builds()).hasSize(1);
    assertThat(checkout.resolve("target/build.lock")).doesNotExist();
  }

  @Test
  void shouldNotReplaceWhatRunsForACommandThatOnlyAsks() throws Exception {
    output(start("koalja", "status"));
    Path source = Files.writeString(checkout.resolve("cli/src/main/New.java"), "");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));

    output(start("koalja", "send", "run"));
    assertThat(builds()).hasSize(1);

    output(start("koalja", "-v", "run"));
    assertThat(builds()).hasSize(2);
  }

  @Test
  void shouldTakeOverTheLockOfABuildThatWasKilled() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Files.createDirectories(checkout.resolve("target/build.lock"));
    Files.writeString(checkout.resolve("target/build.lock/pid"), ended.pid() + "\n");

    output(start("koalja", "status"));

    assertThat(builds()).hasSize(1);
  }

  @Test
  void shouldNotTakeTheHelpOfMavenOrAPartForABuild() throws Exception {
    output(start("build", "--help"));
    assertThat(checkout.resolve("target")).doesNotExist();

    output(start("build", "-pl", "cli"));
    assertThat(checkout.resolve("target/build.stamp")).doesNotExist();

    output(start("build"));
    assertThat(checkout.resolve("target/build.stamp")).exists();
  }

  private Process start(String script, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(checkout.resolve(script).toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("KOALJA_JDK_PATH", dir.resolve("jdk").toString());
    builder.environment().put("KOALJA_BUILD", "auto");
    builder.environment().put("CALLS", dir.resolve("calls").toString());
    builder.environment().merge("PATH", "", (path, _) -> dir.resolve("bin") + ":" + path);
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  private static String output(Process process) throws Exception {
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  private List<String> builds() throws IOException {
    try (Stream<String> calls = Files.lines(dir.resolve("calls"))) {
      return calls.filter(call -> call.contains("install")).toList();
    }
  }
}
