package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class RunCommandTest {
  private static RunCommand parsed(String... words) {
    RunCommand command = new RunCommand();
    new CommandLine(command).parseArgs(words);
    return command;
  }

  @Test
  void shouldWatchUnlessToldOtherwise() {
    assertThat(parsed().watch).isTrue();
    assertThat(parsed("--watch").watch).isTrue();
    assertThat(parsed("--no-watch").watch).isFalse();
  }

  @Test
  void shouldOpenAPortForDebuggersOnlyOnRequest() {
    assertThat(parsed().debug).isNull();
    assertThat(parsed("--debug").debug).isEqualTo(5005);
    assertThat(parsed("--debug=6006").debug).isEqualTo(6006);
    assertThat(parsed("--debug", "6006").debug).isEqualTo(6006);
  }

  @Test
  void shouldTakeAFolderAfterTheOptionForOne() {
    RunCommand command = parsed("--debug", "shop", "billing");
    assertThat(command.debug).isEqualTo(5005);
    assertThat(command.folders).containsExactly(Path.of("shop"), Path.of("billing"));
  }
}
