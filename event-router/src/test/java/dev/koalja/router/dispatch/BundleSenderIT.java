package dev.koalja.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.bundle.Message;
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
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Section "Bundles" of PROTOCOL.md, from the router's side, over real HTTP. */
class BundleSenderIT {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int MAX_ANSWER = 2000;

  private Vertx vertx;
  private FunctionInvoker invoker;
  private ExecutorService callers;
  private HttpServer server;
  private final AtomicInteger bundles = new AtomicInteger();
  private final AtomicInteger alone = new AtomicInteger();
  private volatile Function function = (exchange, requests) -> all(exchange, requests, "ok");

  @FunctionalInterface
  private interface Function {
    void answer(HttpExchange exchange, List<Message> requests) throws IOException;
  }

  @BeforeEach
  void open() throws IOException {
    vertx = Vertx.vertx();
    invoker = new FunctionInvoker(vertx, new FunctionProtocol.ResultLimits(3, MAX_ANSWER));
    callers = Executors.newVirtualThreadPerTaskExecutor();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
    callers.shutdownNow();
    invoker.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (Bundle.MEDIA_TYPE.equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
        bundles.incrementAndGet();
        function.answer(exchange, Bundle.read(body));
      } else {
        alone.incrementAndGet();
        exchange.getResponseHeaders().set(Bundle.HEADER, Bundle.VERSION);
        result(exchange.getRequestHeaders().getFirst("ce-id"), "alone")
            .headers()
            .forEach(exchange.getResponseHeaders()::set);
        byte[] data = "alone".getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, data.length);
        exchange.getResponseBody().write(data);
      }
    }
  }

  private static Message result(String id, String data) {
    return new Message(
        0,
        200,
        Map.of("ce-specversion", "1.0", "ce-id", id + ".0", "ce-source", "/f", "ce-type", "t"),
        data.getBytes(StandardCharsets.UTF_8));
  }

  private static Message result(Message request, String data) {
    Message result = result(request.headers().get("ce-id"), data);
    return new Message(request.index(), 200, result.headers(), result.body());
  }

  private static OutputStream begin(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", Bundle.MEDIA_TYPE);
    exchange.getResponseHeaders().set("Koalja-Code-Revision", "7");
    exchange.sendResponseHeaders(200, 0);
    return exchange.getResponseBody();
  }

  private static void all(HttpExchange exchange, List<Message> requests, String data)
      throws IOException {
    try (OutputStream out = begin(exchange)) {
      for (Message request : requests.reversed()) {
        out.write(result(request, data).encode());
      }
    }
  }

  private InvocationOutcome call(int number, Duration timeout) throws InterruptedException {
    CloudEvent event =
        CloudEventBuilder.v1()
            .withId("e" + number)
            .withSource(URI.create("/s"))
            .withType("t")
            .withData("text/plain", new byte[10])
            .build();
    return invoker.call(
        new FunctionCaller.Attempt(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/price"),
            "price",
            event,
            new InvocationId("01INVOCATION" + number),
            1,
            timeout,
            TraceParent.start(),
            true));
  }

  private List<Future<InvocationOutcome>> callMany(int count, Duration timeout) {
    return IntStream.range(0, count)
        .mapToObj(number -> callers.submit(() -> call(number, timeout)))
        .toList();
  }

  private void learn() throws InterruptedException {
    assertThat(data(call(-1, LONG))).isEqualTo("e-1.0 alone");
  }

  private static String data(InvocationOutcome outcome) {
    assertThat(outcome).isInstanceOf(Succeeded.class);
    CloudEvent result = ((Succeeded) outcome).results().getFirst();
    return result.getId() + " " + new String(result.getData().toBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void whatWaitsGoesTogetherAndEachGetsItsOwnAnswer() throws Exception {
    learn();
    List<Future<InvocationOutcome>> calls = callMany(500, LONG);
    for (int i = 0; i < calls.size(); i++) {
      assertThat(data(calls.get(i).get())).isEqualTo("e" + i + ".0 ok");
      assertThat(((Succeeded) calls.get(i).get()).codeRevision()).contains("7");
    }
    assertThat(bundles.get()).isBetween(1, 400);
    assertThat(alone.get()).isEqualTo(1);
  }

  @Test
  void whoNeverSaidThatItTakesBundlesGetsNone() throws Exception {
    server.removeContext("/");
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            boolean bundle =
                Bundle.MEDIA_TYPE.equals(exchange.getRequestHeaders().getFirst("Content-Type"));
            exchange.sendResponseHeaders(bundle ? 500 : 204, -1);
          }
        });
    for (Future<InvocationOutcome> each : callMany(20, LONG)) {
      assertThat(each.get()).isInstanceOf(Succeeded.class);
    }
  }

  @Test
  void whereBundlesAreNotUnderstoodAnyMoreEachGoesAlone() throws Exception {
    learn();
    function = (exchange, _) -> exchange.sendResponseHeaders(415, -1);
    List<Future<InvocationOutcome>> calls = callMany(50, LONG);
    for (int i = 0; i < calls.size(); i++) {
      assertThat(data(calls.get(i).get())).isEqualTo("e" + i + ".0 alone");
    }
  }

  @Test
  void aBundleThatIsRefusedAsAWholeIsRefusedForEach() throws Exception {
    learn();
    function =
        (exchange, _) -> {
          exchange.getResponseHeaders().set("Retry-After", "3");
          exchange.sendResponseHeaders(503, -1);
        };
    for (Future<InvocationOutcome> each : callMany(10, LONG)) {
      assertThat(each.get())
          .isInstanceOfSatisfying(
              Retryable.class,
              retryable -> {
                assertThat(retryable.status()).contains(503);
                assertThat(retryable.retryAfter()).contains(Duration.ofSeconds(3));
              });
    }
  }

  @Test
  void anAnswerThatIsTooLargeIsOnlyItsOwnMatter() throws Exception {
    learn();
    function =
        (exchange, requests) -> {
          try (OutputStream out = begin(exchange)) {
            for (Message request : requests) {
              boolean large = request.headers().get("ce-id").equals("e3");
              out.write(result(request, large ? "x".repeat(3 * MAX_ANSWER) : "ok").encode());
            }
          }
        };
    List<Future<InvocationOutcome>> calls = callMany(30, LONG);
    for (int i = 0; i < calls.size(); i++) {
      if (i == 3) {
        assertThat(((Terminal) calls.get(i).get()).code()).isEqualTo(ErrorCode.RESULT_TOO_LARGE);
      } else {
        assertThat(data(calls.get(i).get())).isEqualTo("e" + i + ".0 ok");
      }
    }
  }

  @Test
  void whoWasNotAnsweredBeforeTheConnectionEndedIsTriedAgain() throws Exception {
    learn();
    function =
        (exchange, requests) -> {
          try (OutputStream out = begin(exchange)) {
            for (Message request : requests) {
              if (!request.headers().get("ce-id").equals("e3")) {
                out.write(result(request, "ok").encode());
              }
            }
          }
        };
    List<Future<InvocationOutcome>> calls = callMany(30, LONG);
    for (int i = 0; i < calls.size(); i++) {
      if (i == 3) {
        assertThat(((Retryable) calls.get(i).get()).code()).isEqualTo(ErrorCode.FUNCTION_CRASHED);
      } else {
        assertThat(data(calls.get(i).get())).isEqualTo("e" + i + ".0 ok");
      }
    }
  }

  @Test
  void aSlowOneDelaysNobody() throws Exception {
    learn();
    CountDownLatch go = new CountDownLatch(1);
    function =
        (exchange, requests) -> {
          try (OutputStream out = begin(exchange)) {
            for (Message request : requests) {
              if (!request.headers().get("ce-id").equals("e0")) {
                out.write(result(request, "ok").encode());
              }
            }
            out.flush();
            for (Message request : requests) {
              if (request.headers().get("ce-id").equals("e0")) {
                go.await(20, TimeUnit.SECONDS);
                out.write(result(request, "late").encode());
              }
            }
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        };
    List<Future<InvocationOutcome>> calls = callMany(300, LONG);
    for (int i = 1; i < calls.size(); i++) {
      assertThat(data(calls.get(i).get())).isEqualTo("e" + i + ".0 ok");
    }
    assertThat(calls.getFirst().isDone()).isFalse();
    go.countDown();
    assertThat(data(calls.getFirst().get())).isEqualTo("e0.0 late");
  }

  @Test
  void whoGaveUpIsTimedOutAndTheFunctionNeedNotGoOn() throws Exception {
    learn();
    CountDownLatch ended = new CountDownLatch(1);
    function =
        (exchange, requests) -> {
          try (OutputStream out = begin(exchange)) {
            out.flush();
            while (true) { // until nobody reads any more
              out.write(new Message(99, 200, Map.of(), new byte[1000]).encode());
              out.flush();
              Thread.onSpinWait();
            }
          } finally {
            ended.countDown();
          }
        };
    assertThat(((Retryable) call(1, Duration.ofMillis(300))).code())
        .isEqualTo(ErrorCode.FUNCTION_TIMEOUT);
    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whatIsNoBundleIsNoAnswer() throws Exception {
    learn();
    function =
        (exchange, _) -> {
          try (OutputStream out = begin(exchange)) {
            out.write(new byte[] {0, 0, 0, 1, 0, 0, 0, 0, 0});
          }
        };
    assertThat(((Retryable) call(1, LONG)).code()).isEqualTo(ErrorCode.FUNCTION_CRASHED);
  }
}
