package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(200)
class LauncherIT {
  @TempDir Path dir;

  @Test
  void shouldStartTheCommand() throws Exception {
    assertThat(folder("version").succeeded().out())
        .startsWith("koalja " + Versions.load().koalja())
        .contains("Kafka 4", "Java 25");
  }

  @Test
  void shouldFindAJdkInAFolderOfJdks() throws Exception {
    Path jdks = Files.createDirectory(dir.resolve("jdks"));
    Files.createDirectories(jdks.resolve("jdk-17/bin"));
    Files.createSymbolicLink(jdks.resolve("jdk-25"), Path.of(System.getProperty("java.home")));
    Command.Result result =
        Command.run(
            Files.createDirectory(dir.resolve("here")),
            Map.of("KOALJA_JDK_PATH", jdks.toString(), "JAVA_HOME", ""),
            "version");
    assertThat(result.succeeded().out()).contains("Java 25");
  }

  @Test
  void shouldSayExactlyWhatToInstallWithoutAJdk() throws Exception {
    Command.Result result =
        Command.run(
            Files.createDirectory(dir.resolve("here")),
            Map.of("KOALJA_JDK_PATH", dir.toString()),
            "version");
    assertThat(result.status()).isEqualTo(Exit.UNAVAILABLE);
    assertThat(result.err())
        .contains("JDK 25 is needed", "Eclipse Temurin 25", "JAVA_HOME", dir.toString());
    assertThat(result.out()).isEmpty();
  }

  @Test
  void shouldKeepResultsAndMessagesApart() throws Exception {
    Command.Result json = folder("version", "--json").succeeded();
    assertThat(json.out()).startsWith("{\"koalja\":").hasLineCount(1);
    assertThat(json.err()).isEmpty();

    Command.Result wrong = folder("sned");
    assertThat(wrong.status()).isEqualTo(Exit.USAGE);
    assertThat(wrong.out()).isEmpty();
    assertThat(wrong.err()).contains("sned", "send");

    Command.Result nothing = folder("status");
    assertThat(nothing.status()).isEqualTo(Exit.UNAVAILABLE);
    assertThat(nothing.err()).contains("no circuit runs").hasLineCount(1);
  }

  private Command.Result folder(String... words) throws Exception {
    return Command.run(Files.createDirectories(dir.resolve("folder")), words);
  }
}
