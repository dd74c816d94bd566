package dev.koalja.cli.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.ProblemDetail;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlTest {
  @TempDir Path dir;
  private HttpServer server;
  private ControlClient client;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.start();
    client = new ControlClient(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  private void answer(String path, int status, String type, String body) {
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", type);
          exchange.sendResponseHeaders(status, bytes.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
          }
        });
  }

  @Test
  void shouldTurnAProblemIntoItsWordsAndStatus() throws Exception {
    ProblemDetail problem =
        ProblemDetail.of(ErrorCode.INVALID_PIPELINE, "2 problems", List.of("a:1:1  x", "a:2:1  y"));
    answer("/api/x", 422, ProblemDetail.MEDIA_TYPE, Json.MAPPER.writeValueAsString(problem));
    assertThatThrownBy(() -> client.get("/api/x"))
        .isInstanceOfSatisfying(
            CliException.class,
            e -> {
              assertThat(e).hasMessage("422 2 problems");
              assertThat(e.exit()).isEqualTo(Exit.USAGE);
              assertThat(e.details()).containsExactly("a:1:1  x", "a:2:1  y");
            });
  }

  @Test
  void shouldKeepTheDigitsOfNumbers() {
    String data =
        "{\"price\":1.10,\"rate\":0.1234567890123456789012345,\"n\":12345678901234567890}";
    answer("/api/deadletters/a", 200, "application/json", "{\"data\":" + data + "}");
    answer("/api/tail", 200, "application/json", "{\"data\":" + data + "}\n");
    assertThat(client.get("/api/deadletters/a").path("data")).hasToString(data);
    List<String> followed = new ArrayList<>();
    client.follow("/api/tail", line -> followed.add(line.path("data").toString()));
    assertThat(followed).containsExactly(data);
  }

  @Test
  void shouldShowItsTokenToTheControlApiOnly() {
    List<String> shown = new ArrayList<>();
    server.createContext(
        "/x",
        exchange -> {
          shown.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          exchange.sendResponseHeaders(200, 2);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write("{}".getBytes(StandardCharsets.UTF_8));
          }
        });
    URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    try (ControlClient control = new ControlClient(base, _ -> {}, Optional.of("secret\n"));
        ControlClient ingress = ControlClient.ofIngress(base, _ -> {})) {
      control.get("/x");
      ingress.get("/x");
    }
    assertThat(shown).containsExactly("Bearer secret", "null");
  }

  @Test
  void shouldTellWhatIsMissingFromWhatIsBroken() {
    answer("/busy", 503, "text/plain", "starting");
    answer("/broken", 500, "text/plain", "oh no");
    assertThatThrownBy(() -> client.get("/busy"))
        .extracting(e -> ((CliException) e).exit())
        .isEqualTo(Exit.UNAVAILABLE);
    assertThatThrownBy(() -> client.get("/broken"))
        .extracting(e -> ((CliException) e).exit())
        .isEqualTo(Exit.BUG);
  }

  @Test
  void shouldSayThatNothingAnswers() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    try (ControlClient nobody = new ControlClient(URI.create("http://127.0.0.1:" + port))) {
      assertThatThrownBy(() -> nobody.get("/api/links"))
          .hasMessageContaining("nothing answers at http://127.0.0.1:" + port);
    }
  }

  @Test
  void shouldReadAStreamUntilItHasEnough() {
    answer("/lines", 200, "application/x-ndjson", "{\"n\":1}\n\n{\"n\":2}\n{\"n\":3}\n");
    List<Integer> seen = new ArrayList<>();
    client.follow("/lines", each -> seen.add(each.path("n").asInt()) && seen.size() < 2);
    assertThat(seen).containsExactly(1, 2);
  }

  @Test
  void shouldFindALinkByNameAndSayWhatThereIs() {
    answer(
        "/api/links",
        200,
        "application/json",
        """
        [{"pipeline":"a","link":"order"},{"pipeline":"b","link":"order"},{"pipeline":"a","link":"priced"}]""");
    assertThat(LinkReference.find(client, "priced")).isEqualTo(new LinkReference("a", "priced"));
    assertThat(LinkReference.find(client, "b/order")).isEqualTo(new LinkReference("b", "order"));
    assertThatThrownBy(() -> LinkReference.find(client, "order"))
        .hasMessageContaining("a/order or b/order");
    assertThatThrownBy(() -> LinkReference.find(client, "prized")).hasMessageContaining("priced");
  }

  @Test
  void shouldFindTheRunningCircuitFromAnyFolderBelow() throws Exception {
    Path state = Files.createDirectories(dir.resolve(".koalja"));
    Path below = Files.createDirectories(dir.resolve("src/main"));
    RunningCircuit running = circuit(state);
    running.write(state);

    try (StateLock _ = StateLock.take(state).orElseThrow()) {
      assertThat(RunningCircuit.find(below)).isEqualTo(running);
    }
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(state.resolve("breadboard.json"))))
        .isEqualTo("rw-------");

    running.remove(state);
    assertThat(state.resolve("breadboard.json")).doesNotExist();
  }

  @Test
  void shouldNotTakeACircuitThatEndedForOneThatRuns() throws Exception {
    Path state = Files.createDirectories(dir.resolve(".koalja"));
    StateLock.take(state).orElseThrow().close();
    circuit(state).write(state); // its process id is that of a process which runs: ours
    assertThatThrownBy(() -> RunningCircuit.find(dir))
        .hasMessageContaining("does not run any more");
    assertThat(RunningCircuit.in(state)).isEmpty();
    Files.writeString(state.resolve("breadboard.json"), "{half");
    assertThat(RunningCircuit.in(state)).isEmpty();
  }

  @Test
  void shouldLetOneRunUseAStateFolder() {
    Path state = dir.resolve(".koalja");
    assertThat(StateLock.taken(state)).isFalse();
    try (StateLock _ = StateLock.take(state).orElseThrow()) {
      assertThat(StateLock.taken(state)).isTrue();
      assertThat(StateLock.take(state)).isEmpty();
    }
    assertThat(StateLock.taken(state)).isFalse();
    StateLock.take(state).orElseThrow().close();
  }

  @Test
  void shouldFindACircuitWhoseDataIsElsewhere() throws Exception {
    Path state = Files.createDirectories(dir.resolve("data"));
    circuit(state).write(dir.resolve(".koalja"));
    try (StateLock _ = StateLock.take(state).orElseThrow()) {
      assertThat(RunningCircuit.find(dir)).isEqualTo(circuit(state));
    }
    assertThat(RunningCircuit.in(dir.resolve(".koalja"))).isEmpty();
  }

  private RunningCircuit circuit(Path state) {
    return new RunningCircuit(
        ProcessHandle.current().pid(),
        URI.create("http://127.0.0.1:1"),
        URI.create("http://127.0.0.1:2"),
        "127.0.0.1:3",
        state,
        dir,
        false,
        Instant.parse("2026-01-01T00:00:00Z"),
        Map.of());
  }
}
