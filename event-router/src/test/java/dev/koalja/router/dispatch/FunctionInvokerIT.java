package dev.koalja.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.router.dispatch.InvocationOutcome.Retryable;
import dev.koalja.router.dispatch.InvocationOutcome.Succeeded;
import dev.koalja.router.dispatch.InvocationOutcome.Terminal;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** PROTOCOL.md sections 1 and 2, row by row, over real HTTP. */
class FunctionInvokerIT {
  private static final String EVENT_HEADERS =
      "ce-id: 1|ce-source: /f|ce-specversion: 1.0|ce-type: t";
  private static Vertx vertx;
  private static FunctionInvoker invoker;

  @BeforeAll
  static void open() {
    vertx = Vertx.vertx();
    invoker = new FunctionInvoker(vertx, new FunctionProtocol.ResultLimits(3, 1000));
  }

  @AfterAll
  static void close() {
    invoker.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @FunctionalInterface
  private interface Function {
    void answer(HttpExchange exchange) throws IOException;
  }

  private static HttpServer serve(Function function) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", function::answer);
    server.start();
    return server;
  }

  private static InvocationOutcome call(HttpServer server, CloudEvent event, Duration timeout)
      throws InterruptedException {
    return invoker.call(
        new FunctionCaller.Attempt(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/price"),
            "price",
            event,
            new InvocationId("01INVOCATION"),
            2,
            timeout,
            TraceParent.start(),
            false));
  }

  private static CloudEvent event() {
    return CloudEventBuilder.v1()
        .withId("o-1")
        .withSource(URI.create("/shop"))
        .withType("order")
        .withSubject("Grüße, \"50 %\"")
        .withExtension("partitionkey", "ann")
        .withData("application/json", "{\"a\":1}".getBytes(StandardCharsets.UTF_8))
        .build();
  }

  static Stream<Arguments> answers() {
    String event =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/f\",\"type\":\"t\",\"data\":1}";
    String json = "content-type: application/cloudevents+json";
    String batch = "content-type: application/cloudevents-batch+json";
    return Stream.of(
        arguments(204, "", "", "ok 0"),
        arguments(200, "", "", "ok 0"),
        arguments(202, "", "", "ok 0"),
        arguments(200, EVENT_HEADERS, "x", "ok 1"),
        arguments(200, EVENT_HEADERS, "", "ok 1"),
        arguments(200, json, event, "ok 1"),
        arguments(200, "Content-Type: Application/CloudEvents+JSON; charset=utf-8", event, "ok 1"),
        arguments(200, batch, "[]", "ok 0"),
        arguments(200, batch, "[" + event + "," + event + "]", "ok 2"),
        arguments(
            200,
            batch,
            "[" + event + "," + event + "," + event + "," + event + "]",
            "no too-many-results"),
        arguments(200, batch, "{", "no bad-reply"),
        arguments(200, batch, "null", "no bad-reply"),
        arguments(200, batch, "[null]", "no bad-reply"),
        arguments(200, json, "null", "no bad-reply"),
        arguments(200, json, "{\"id\":\"1\"}", "no bad-reply"),
        arguments(200, "", "hello", "no bad-reply"),
        arguments(200, "ce-id: 1|ce-type: t", "", "no bad-reply"),
        arguments(200, EVENT_HEADERS.replace("1.0", "0.3"), "", "no bad-reply"),
        arguments(200, EVENT_HEADERS, "x".repeat(2000), "no result-too-large"),
        arguments(301, "location: /", "", "no function-refused"),
        arguments(400, "", "bad", "no function-refused"),
        arguments(401, "", "", "no function-refused"),
        arguments(422, "", "", "no function-refused"),
        arguments(404, "", "", "again unknown-function"),
        arguments(408, "", "", "again function-failed"),
        arguments(409, "", "", "again function-failed"),
        arguments(425, "", "", "again function-failed"),
        arguments(429, "retry-after: 7", "", "again function-failed after 7000"),
        arguments(500, "", "", "again function-failed"),
        arguments(503, "retry-after: soon", "", "again function-failed"),
        arguments(599, "", "", "again function-failed"),
        arguments(
            422,
            "content-type: application/problem+json",
            "{\"status\":422,\"code\":210,\"detail\":\"not an Order\"}",
            "no unreadable-data: not an Order"));
  }

  @ParameterizedTest(name = "{0} {1} {2} is {3}")
  @MethodSource("answers")
  void shouldTakeAnAnswerAs(int status, String headers, String body, String expected)
      throws Exception {
    HttpServer server =
        serve(
            exchange -> {
              exchange.getRequestBody().readAllBytes();
              Arrays.stream(headers.split("\\|"))
                  .filter(header -> !header.isEmpty())
                  .map(header -> header.split(": ", 2))
                  .forEach(header -> exchange.getResponseHeaders().add(header[0], header[1]));
              byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
              exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
              exchange.getResponseBody().write(bytes);
              exchange.close();
            });
    try {
      String outcome =
          switch (call(server, event(), Duration.ofSeconds(10))) {
            case Succeeded(var results, _, _) -> "ok " + results.size();
            case Retryable(var code, _, _, _, var after) ->
                "again " + code.word() + after.map(wait -> " after " + wait.toMillis()).orElse("");
            case Terminal(var code, var cause, _, _) ->
                "no " + code.word() + (code == ErrorCode.UNREADABLE_DATA ? ": " + cause : "");
          };
      assertThat(outcome).isEqualTo(expected);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void shouldSendTheEventInBinaryModeWithTheHeadersOfTheProtocol() throws Exception {
    AtomicReference<Map<String, List<String>>> headers = new AtomicReference<>(Map.of());
    AtomicReference<String> body = new AtomicReference<>("");
    AtomicReference<String> request = new AtomicReference<>("");
    HttpServer server =
        serve(
            exchange -> {
              headers.set(Map.copyOf(exchange.getRequestHeaders()));
              request.set(exchange.getRequestMethod() + " " + exchange.getRequestURI());
              body.set(
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
              exchange.sendResponseHeaders(204, -1);
              exchange.close();
            });
    try {
      call(server, event(), Duration.ofSeconds(10));
      assertThat(request.get()).isEqualTo("POST /price");
      assertThat(body.get()).isEqualTo("{\"a\":1}");
      assertThat(headers.get())
          .containsEntry("Ce-id", List.of("o-1"))
          .containsEntry("Ce-source", List.of("/shop"))
          .containsEntry("Ce-specversion", List.of("1.0"))
          .containsEntry("Ce-type", List.of("order"))
          .containsEntry("Ce-partitionkey", List.of("ann"))
          .containsEntry("Ce-subject", List.of("Gr%C3%BC%C3%9Fe,%20%2250%20%25%22"))
          .containsEntry("Content-type", List.of("application/json"))
          .containsEntry("Koalja-invocation", List.of("01INVOCATION"))
          .containsEntry("Koalja-attempt", List.of("2"))
          .containsEntry("Koalja-task", List.of("price"))
          .containsKeys("Koalja-deadline", "Traceparent")
          .doesNotContainKey("Ce-datacontenttype");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void shouldTimeOutWithoutWaitingForTheFunction() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    HttpServer server =
        serve(
            exchange -> {
              try {
                release.await();
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
              exchange.close();
            });
    try {
      assertThat(call(server, event(), Duration.ofMillis(200)))
          .isEqualTo(
              new Retryable(
                  ErrorCode.FUNCTION_TIMEOUT,
                  "no answer within 200 ms",
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty()));
    } finally {
      release.countDown();
      server.stop(0);
    }
  }

  @Test
  void shouldTakeALostConnectionAsACrash() throws Exception {
    HttpServer server = serve(HttpExchange::close);
    try {
      assertThat(call(server, event(), Duration.ofSeconds(10)))
          .isInstanceOfSatisfying(
              Retryable.class,
              outcome -> assertThat(outcome.code()).isEqualTo(ErrorCode.FUNCTION_CRASHED));
    } finally {
      server.stop(0);
    }
    assertThat(call(server, event(), Duration.ofSeconds(10)))
        .isInstanceOfSatisfying(
            Retryable.class,
            outcome -> assertThat(outcome.code()).isEqualTo(ErrorCode.FUNCTION_CRASHED));
  }
}
