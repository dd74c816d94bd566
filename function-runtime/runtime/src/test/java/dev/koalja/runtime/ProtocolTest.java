package dev.koalja.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A server of test functions, and what both directions of PROTOCOL.md ask of it. */
abstract class ProtocolTest {
  static final String EVENT =
      """
      ce-specversion: 1.0
      ce-id: 1
      ce-source: /test
      ce-type: test
      """;
  static FunctionServer server;

  @BeforeAll
  static void start() {
    server = TestFunctions.serve();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Posts once, on a connection of its own. */
  static RawHttp.Answer post(String path, String headers, String body) throws IOException {
    try (RawHttp http = new RawHttp(server.port())) {
      return http.ask("POST " + path + " HTTP/1.1\n" + headers, body);
    }
  }

  /** Checks that the answer is a problem and returns what it says. */
  static String problem(RawHttp.Answer answer, int status, int code) throws IOException {
    JsonNode problem = Json.MAPPER.readTree(answer.body());
    assertThat(problem.path("code").asInt()).as(answer.text()).isEqualTo(code);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("type").asText()).startsWith("urn:koalja:error:");
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.header("Koalja-Code-Revision")).isEqualTo("1.0+abc");
    return problem.path("detail").asText();
  }

  /** A sample of the metrics, by its name and labels. */
  static String metric(FunctionServer of, String sample) throws IOException {
    try (RawHttp http = new RawHttp(of.port())) {
      return http.ask("GET /metrics HTTP/1.1", "")
          .text()
          .lines()
          .filter(line -> line.startsWith(sample))
          .map(line -> line.substring(line.lastIndexOf(' ') + 1))
          .findFirst()
          .orElse("");
    }
  }
}
