package dev.koalja.knative.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With programs that play {@code jlink}; the real one makes the images of ImageBuilderIT. */
@Timeout(20)
class TrimmedJreTest {
  @TempDir Path folder;

  private void link(String script) throws IOException, InterruptedException {
    Path home = folder.resolve("jdk");
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib"));
    Files.writeString(home.resolve("lib/modules"), "");
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"25\"");
    Path jlink = Files.writeString(home.resolve("bin/jlink"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(jlink, PosixFilePermissions.fromString("rwxr-xr-x"));
    TrimmedJre.link(
        home, new TreeSet<>(List.of("java.base")), folder.resolve("jre"), Duration.ofSeconds(1));
  }

  @Test
  void shouldStopWhatTakesTooLong() {
    assertThatThrownBy(() -> link("echo resolving; exec sleep 60"))
        .isInstanceOf(IOException.class)
        .hasMessage("jlink took longer than 1 s and was stopped: resolving");
  }

  @Test
  void shouldPassOnWhatItPrintedWhenItFails() {
    assertThatThrownBy(() -> link("echo Error: Module java.base not found; exit 1"))
        .isInstanceOf(IOException.class)
        .hasMessage("jlink failed: Error: Module java.base not found");
  }

  @Test
  void shouldKeepWhatFitsAlready() throws Exception {
    link("mkdir -p " + folder.resolve("jre/lib"));
    assertThat(folder.resolve("jre.jlink.log")).doesNotExist();
    link("exit 1");
    assertThat(folder.resolve("jre/lib")).isDirectory();
  }
}
