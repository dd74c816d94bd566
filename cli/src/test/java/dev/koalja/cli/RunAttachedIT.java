package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.koalja.cli.breadboard.Plan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run with an app that somebody else started: a server of this test. */
@Timeout(300)
class RunAttachedIT {
  @TempDir Path dir;
  private final Queue<String> calls = new ConcurrentLinkedQueue<>();
  private final int port = Plan.freePort(0);
  private Path shop;
  private HttpServer app;
  private Process run;

  @BeforeEach
  void start() throws Exception {
    shop = Files.createDirectory(dir.resolve("shop"));
    Files.writeString(shop.resolve("pom.xml"), "<!-- koalja-function-runtime -->");
    wire("order");
    app = listen();
    run =
        Command.start(
            shop,
            "run",
            Map.of("KOALJA_WATCH_PARENT", "true"),
            "run",
            "--attach=shop=" + port,
            "--port=" + Plan.freePort(0),
            "--control-port=" + Plan.freePort(0),
            "--kafka-port=" + Plan.freePort(0));
    awaitText("shop revision 1   shop at port " + port);
    awaitText("Ctrl-C stops");
  }

  @AfterEach
  void stop() throws Exception {
    app.stop(0);
    List<ProcessHandle> children = run.descendants().toList();
    run.destroyForcibly().waitFor();
    for (ProcessHandle child : children) {
      child.onExit().get(1, TimeUnit.MINUTES); // it still writes to the folder that goes now
    }
  }

  private void wire(String link) throws IOException {
    Path file = shop.resolve("target/koalja/pipeline.yaml");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec:
          tasks:
          - {name: price, function: {app: shop}, inputs: [{name: in, link: %s}]}
        """
            .formatted(link));
  }

  /** Answers without a result, as a function may. */
  private HttpServer listen() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext(
        "/",
        exchange -> {
          if (exchange.getRequestMethod().equals("POST")) {
            String data =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            calls.add(exchange.getRequestURI().getPath() + " " + data);
          }
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().equals("/health/ready") ? 200 : 204, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private void send(String link, String text) throws Exception {
    Command.run(shop, "send", link, "--text", text).succeeded();
  }

  private void awaitText(String text) {
    await("\"" + text + "\"")
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () -> {
              assertThat(run.isAlive()).as(Command.err(shop, "run")).isTrue();
              assertThat(Command.out(shop, "run")).contains(text);
            });
  }

  private void awaitCalls(String... expected) {
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(calls).containsExactly(expected));
  }

  @Test
  void shouldCallTheAppWaitForItAndFollowItsWiringUntilItsParentEnds() throws Exception {
    List<ProcessHandle> children = run.descendants().toList();
    assertThat(children).as("no function process, and none that builds").hasSize(2);
    send("order", "one");
    awaitCalls("/price one");

    app.stop(0);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(Command.run(shop, "status").succeeded().out())
                    .contains("app shop: the process attached at port " + port));
    send("order", "two");
    app = listen();
    awaitCalls("/price one", "/price two");

    wire("request");
    awaitText("shop revision 2: wired anew in");
    send("request", "three");
    awaitCalls("/price one", "/price two", "/price three");

    run.getOutputStream().close(); // as the death of its parent would

    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).isZero();
    assertThat(children).noneMatch(ProcessHandle::isAlive);
    assertThat(shop.resolve(".koalja/breadboard.json")).doesNotExist();
  }
}
