package dev.koalja.benchmarks.coldstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhasesTest {
  private static final List<String> CLASSES =
      List.of(
          "Genesis,",
          "java/lang/String",
          "Initialize java.lang classes,",
          "Initialize module system,",
          "Create VM,",
          "dev/koalja/runtime/Start",
          "io/quarkus/runner/ApplicationImpl",
          "io/quarkus/bootstrap/logging/InitialConfigurator",
          "dev/koalja/runtime/KoaljaConfig$$CMImpl",
          "io/quarkus/runtime/StartupContext",
          "io/quarkus/runner/recorded/ArcProcessor$notifyBeanContainerListeners1304312071",
          "io/quarkus/runner/recorded/BannerProcessor$recordBanner921118789",
          "io/quarkus/runner/recorded/ThreadPoolSetup$createExecutor2117483448",
          "io/quarkus/runner/recorded/ArcProcessor$setupExecutor1831044820",
          "io/quarkus/runner/recorded/KoaljaProcessor$serve1394913046",
          "dev/koalja/runtime/Ending");

  @TempDir Path folder;

  /** Every class ten milliseconds after the one before. */
  private Path log(List<String> classes) throws IOException {
    StringBuilder text = new StringBuilder();
    long at = 5_000_000_000L;
    for (String each : classes) {
      at += 10_000_000;
      text.append(
          (each.endsWith(",")
                  ? "[%dns] %s 0.0004 secs%n"
                  : "[%dns] 1 Initializing '%s'(no method) (0x0) by thread \"main\"%n")
              .formatted(at, each));
    }
    return Files.writeString(folder.resolve("init.log"), text);
  }

  @Test
  void shouldTellHowLongEachPhaseTook() throws IOException {
    Phases phases = new Phases();

    phases.add(log(CLASSES), 5_000_000_000L, 5_180_000_000L);

    assertThat(phases.untilOurs()).isEqualTo(60);
    assertThat(phases.lines())
        .hasSize(16)
        .startsWith(
            "   10.0  process, JVM's memory, cache mapped and put in place",
            "   20.0  interpreter, the JVM's threads")
        .endsWith("   20.0  to the first reply");
  }

  @Test
  void shouldRefuseALogWithOtherPhases() {
    assertThatThrownBy(
            () -> new Phases().add(log(CLASSES.subList(0, 8)), 5_000_000_000L, 5_150_000_000L))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("KoaljaConfig");
  }
}
