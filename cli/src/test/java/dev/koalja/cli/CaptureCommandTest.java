package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.koalja.pipeline.Json;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CaptureCommandTest {
  @TempDir Path dir;
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    answer("/api/links", "[{\"pipeline\":\"shop\",\"link\":\"big-order\"}]");
    answer(
        "/api/pipelines/shop/links/big-order/events",
        """
        {"partition":0,"offset":1,"time":"2026-01-01T00:00:01Z","unreadable":"no CloudEvent"}
        {"partition":0,"offset":2,"time":"2026-01-01T00:00:02Z","id":"e","source":"/s","type":"t","eventTime":"2026-01-01T00:00:00Z","key":"ann","datacontenttype":"application/json","extensions":{"partitionkey":"ann","origin":"web"},"data":{"price":1.10}}
        """);
    server.start();
  }

  private void answer(String path, String body) {
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
          }
        });
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private int capture() {
    return new CommandLine(new CaptureCommand())
        .execute(
            "big-order", "--dir=" + dir, "--at=http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Test
  void shouldWriteEventsAndATestThatSendsThem() throws Exception {
    Path source = Files.createDirectories(dir.resolve("src/main/java/my/shop"));
    Files.writeString(source.resolve("Shop.java"), "/** x. */\npackage my.shop;\n");

    assertThat(capture()).isZero();

    Path file = dir.resolve("src/test/resources/captured/big-order.json");
    JsonNode events = Json.MAPPER.readTree(Files.readString(file));
    assertThat(events)
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                [{"specversion":"1.0","id":"e","source":"/s","type":"t","datacontenttype":"application/json",
                  "time":"2026-01-01T00:00:00Z","partitionkey":"ann","origin":"web","data":{"price":1.10}}]
                """));
    assertThat(dir.resolve("src/test/java/my/shop/CapturedBigOrderTest.java"))
        .content()
        .startsWith("package my.shop;\n")
        .contains("class CapturedBigOrderTest {")
        .contains("Fixtures.events(\"captured/big-order.json\")")
        .contains("circuit.send(\"big-order\", event)");
  }

  @Test
  void shouldLeaveATestAsItIs() throws Exception {
    Path test = dir.resolve("src/test/java/CapturedBigOrderTest.java");
    Files.createDirectories(test.getParent());
    Files.writeString(test, "mine");

    assertThat(capture()).isZero();

    assertThat(test).hasContent("mine");
  }
}
