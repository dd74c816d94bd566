package dev.koalja.cli.breadboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTest {
  @ParameterizedTest
  @CsvSource({
    "99999, 9000, 9092, --port 99999 is no port",
    "0, 9000, 9092, --port 0 is no port",
    "8080, -1, 9092, --control-port -1 is no port",
    "9000, 9000, 9092, --port and --control-port are both 9000",
    "8080, 9000, 8080, --port and --kafka-port are both 8080",
  })
  void shouldCallAPortThatIsNoneTheUsersMistake(
      int ingress, int control, int kafka, String message) {
    assertThatThrownBy(
            () -> Plan.requireFreePorts(ingress, control, OptionalInt.of(kafka), Duration.ZERO))
        .isInstanceOfSatisfying(CliException.class, e -> assertThat(e.exit()).isEqualTo(Exit.USAGE))
        .hasMessageContaining(message);
  }
}
