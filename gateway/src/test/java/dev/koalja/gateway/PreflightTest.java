package dev.koalja.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreflightTest {
  private static Optional<String> problem(Map<String, String> more) {
    Map<String, String> properties =
        new HashMap<>(Map.of("quarkus.http.port", "0", "quarkus.management.port", "0"));
    properties.putAll(more);
    return Preflight.problem(
        new SmallRyeConfigBuilder()
            .withSources(new PropertiesConfigSource(properties, "test", 100))
            .build(),
        Duration.ofSeconds(2));
  }

  @Test
  void shouldSayInOneLineThatNoKafkaAnswers() throws IOException {
    int nobody;
    try (ServerSocket free = new ServerSocket(0)) {
      nobody = free.getLocalPort();
    }
    assertThat(problem(Map.of("kafka.bootstrap.servers", "127.0.0.1:" + nobody)))
        .get()
        .asString()
        .startsWith("no Kafka answers at 127.0.0.1:" + nobody)
        .hasLineCount(1);
  }

  @Test
  void shouldSayInOneLineThatTheNameOfKafkaIsUnknown() {
    assertThat(problem(Map.of("kafka.bootstrap.servers", "nowhere.invalid:9092")))
        .get()
        .asString()
        .startsWith("no Kafka answers at nowhere.invalid:9092")
        .hasLineCount(1);
  }

  @Test
  void shouldSayWhichPortIsTakenAndHowToChooseAnother() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(problem(Map.of("quarkus.http.port", Integer.toString(taken.getLocalPort()))))
          .get()
          .asString()
          .contains("port " + taken.getLocalPort(), "choose another with quarkus.http.port")
          .hasLineCount(1);
    }
  }

  @Test
  void shouldRefuseControlBeyondLoopbackWithoutACredential() {
    assertThat(problem(Map.of("quarkus.management.host", "0.0.0.0")))
        .get()
        .asString()
        .contains("koalja.control.token-file")
        .hasLineCount(1);
  }

  @Test
  void shouldRefuseBatchesThatCouldNeverBeSent() {
    assertThat(
            problem(
                Map.of(
                    "koalja.gateway.max-batch", "11",
                    "koalja.gateway.max-records-in-flight", "10")))
        .get()
        .asString()
        .contains("max-batch is 11", "only 10")
        .hasLineCount(1);
  }
}
