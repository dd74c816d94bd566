package dev.koalja.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {
  @Test
  void shouldPutTheLogBesideTheData() {
    Arguments arguments = Arguments.parse(List.of("--data", "/d/kafka", "--port", "1"));
    assertThat(arguments)
        .isEqualTo(
            new Arguments(
                Path.of("/d/kafka"),
                1,
                false,
                Path.of("/d/logs/kafka.log"),
                Optional.empty(),
                false));
  }

  @ParameterizedTest
  @CsvSource({
    "--port 9092, --data is missing",
    "--data, --data needs a value",
    "--data d --port 65536, \"65536\" is no port",
    "--data d --port x, \"x\" is no port",
    "--data d --fast, unknown argument --fast",
  })
  void shouldNameWhatIsWrong(String words, String message) {
    assertThatThrownBy(() -> Arguments.parse(List.of(words.split(" "))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
