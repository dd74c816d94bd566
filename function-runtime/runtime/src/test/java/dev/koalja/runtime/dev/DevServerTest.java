package dev.koalja.runtime.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DevServerTest {
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final DevServer server = new DevServer();
  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicInteger opened = new AtomicInteger();
  private int port;

  @AfterEach
  void end() {
    server.end();
    client.close();
  }

  private void open(HttpHandler app) {
    port = server.open(ANY, app, this::listen);
  }

  private HttpServer listen(InetSocketAddress address) {
    opened.incrementAndGet();
    try {
      return HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An app that answers with its name. */
  private static HttpHandler app(String name) {
    return exchange -> answer(exchange, name);
  }

  private static void answer(HttpExchange exchange, String name) throws IOException {
    try (exchange) {
      byte[] body = name.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private CompletableFuture<HttpResponse<String>> call(Duration deadline) {
    return client.sendAsync(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/price"))
            .header("Koalja-Deadline", Instant.now().plus(deadline).toString())
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> look() throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready")).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void shouldHoldACallWhileTheAppIsReloadedAndHandItToTheNewOne() throws Exception {
    HttpHandler old = app("old");
    open(old);
    int before = port;
    assertThat(call(LONG).get().body()).isEqualTo("old");

    server.leave(old, LONG);
    CompletableFuture<HttpResponse<String>> held = call(LONG);
    assertThat(look().statusCode()).as("it is not ready, and says so at once").isEqualTo(503);
    assertThat(held).isNotDone();
    open(app("new"));

    assertThat(held.get(10, TimeUnit.SECONDS).body()).isEqualTo("new");
    assertThat(port).isEqualTo(before);
    assertThat(opened).hasValue(1);
  }

  @Test
  void shouldRefuseACallShortlyBeforeItsCallerGivesUp() throws Exception {
    HttpHandler app = app("old");
    open(app);
    server.leave(app, LONG);

    HttpResponse<String> refused = call(Duration.ofMillis(1500)).get(10, TimeUnit.SECONDS);

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).contains("1");
    assertThat(refused.body()).contains("\"code\":301", "quarkus:dev says why");
  }

  @Test
  void shouldLetTheOldAppFinishWhatItHas() throws Exception {
    CountDownLatch slow = new CountDownLatch(1);
    HttpHandler old =
        exchange -> {
          if (exchange.getRequestMethod().equals("GET")) {
            answer(exchange, "ready"); // only calls are slow
            return;
          }
          try {
            slow.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          answer(exchange, "old");
        };
    open(old);
    CompletableFuture<HttpResponse<String>> call = call(LONG);
    CompletableFuture<Void> left =
        CompletableFuture.runAsync(
            () -> {
              await().until(() -> server.inFlight() == 1);
              server.leave(old, LONG);
            });
    await().until(() -> look().statusCode() == 503);
    assertThat(left).isNotDone();

    slow.countDown();

    left.get(10, TimeUnit.SECONDS);
    assertThat(call.get(10, TimeUnit.SECONDS).body()).isEqualTo("old");
  }

  @Test
  void shouldShowAnAppTheClassesItWasStartedWith() throws Exception {
    ClassLoader classes = new ClassLoader("of the app", null) {};
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(classes);
    try {
      open(
          exchange ->
              answer(
                  exchange,
                  String.valueOf(Thread.currentThread().getContextClassLoader().getName())));
    } finally {
      thread.setContextClassLoader(before);
    }

    assertThat(call(LONG).get().body()).isEqualTo("of the app");
  }

  @Test
  void shouldPassOverAnAppThatLeavesLate() throws Exception {
    HttpHandler old = app("old");
    open(old);
    open(app("new"));

    server.leave(old, LONG);

    assertThat(call(LONG).get(10, TimeUnit.SECONDS).body()).isEqualTo("new");
  }
}
