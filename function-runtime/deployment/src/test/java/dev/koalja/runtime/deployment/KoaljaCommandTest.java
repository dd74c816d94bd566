package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KoaljaCommandTest {
  @TempDir Path dir;
  private Path project;

  @BeforeEach
  void make() throws IOException {
    project = Files.createDirectories(dir.resolve("checkout/examples/hello"));
  }

  private Path command(String folder) throws IOException {
    Path file = Files.createDirectories(dir.resolve(folder)).resolve("koalja");
    Files.writeString(file, "#!/bin/sh\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  private Optional<Path> find(Path project, String home, String... path) {
    return KoaljaCommand.find(
        project, Optional.of(home), Optional.of(String.join(File.pathSeparator, path)));
  }

  @Test
  void shouldLookAtHomeThenOnPathThenInACheckoutAboveTheProject() throws IOException {
    assertThat(find(project, "", "")).isEmpty();

    Path checkout = command("checkout");
    assertThat(find(project, "", "")).as("a folder of that name is no checkout").isEmpty();
    Files.createDirectories(dir.resolve("checkout/pipeline"));
    Files.createDirectories(dir.resolve("checkout/cli"));
    assertThat(find(project, "", "")).contains(checkout);

    Path onPath = command("bin");
    String bin = dir.resolve("bin").toString();
    assertThat(find(project, "", dir.toString(), bin)).contains(onPath);

    Path home = command("home");
    assertThat(find(project, dir.resolve("home").toString(), bin)).contains(home);
    assertThat(find(project, dir.resolve("gone").toString(), bin)).contains(onPath);
  }

  @Test
  void shouldPassOverWhatCannotBeRun() throws IOException {
    Files.createDirectories(dir.resolve("bin/koalja"));
    Files.createDirectories(dir.resolve("other"));
    Files.writeString(dir.resolve("other/koalja"), "prose");

    assertThat(find(project, "", dir.resolve("bin").toString(), dir.resolve("other").toString()))
        .isEmpty();
    assertThat(KoaljaCommand.find(project, Optional.empty(), Optional.empty())).isEmpty();
  }
}
