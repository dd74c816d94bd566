package dev.koalja.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.koalja.pipeline.error.KoaljaException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Section 3 of PROTOCOL.md: health, metrics, draining; and how connections are used. */
class ProcessTest {
  private static final String EVENT =
      """
      ce-specversion: 1.0
      ce-id: 1
      ce-source: /test
      ce-type: test
      """;

  @Test
  void isHealthyFromTheStart() throws Exception {
    try (FunctionServer server = TestFunctions.serve();
        RawHttp http = new RawHttp(server.port())) {
      assertThat(http.ask("GET /health/live HTTP/1.1", "").status()).isEqualTo(200);
      assertThat(http.ask("GET /health/ready HTTP/1.1", "").text()).isEqualTo("ready\n");
      assertThat(http.ask("HEAD /health/ready HTTP/1.1", "").status()).isEqualTo(200);
    }
  }

  @Test
  void keepsConnectionsOpenWhateverTheAnswer() throws Exception {
    try (FunctionServer server = TestFunctions.serve();
        RawHttp http = new RawHttp(server.port())) {
      for (int i = 0; i < 3; i++) {
        assertThat(http.ask("POST /shout HTTP/1.1\n" + EVENT, "ann").status()).isEqualTo(200);
        assertThat(http.ask("POST /swallow HTTP/1.1\n" + EVENT, "ann").status()).isEqualTo(204);
        assertThat(http.ask("POST /fail HTTP/1.1\n" + EVENT, "checked").status()).isEqualTo(500);
        assertThat(http.ask("POST /shout HTTP/1.1", "ann").status()).isEqualTo(400);
        assertThat(http.ask("POST /none HTTP/1.1\n" + EVENT, "ann").status()).isEqualTo(404);
        assertThat(http.ask("PUT /shout HTTP/1.1\n" + EVENT, "ann").status()).isEqualTo(405);
      }
    }
  }

  @Test
  void refusesOtherMethodsSayingWhichOne() throws Exception {
    try (FunctionServer server = TestFunctions.serve();
        RawHttp http = new RawHttp(server.port())) {
      RawHttp.Answer get = http.ask("GET /shout HTTP/1.1", "");

      assertThat(get.status()).isEqualTo(405);
      assertThat(get.header("Allow")).isEqualTo("POST");
      assertThat(http.ask("GET /nothing HTTP/1.1", "").status()).isEqualTo(404);
      assertThat(http.ask("DELETE /shout HTTP/1.1", "").header("Allow")).isEqualTo("POST");
    }
  }

  @Test
  void countsEveryBeginningAndEveryEnding() throws Exception {
    try (FunctionServer server = TestFunctions.serve();
        RawHttp http = new RawHttp(server.port())) {
      http.ask("POST /shout HTTP/1.1\n" + EVENT, "ann");
      http.ask("POST /shout HTTP/1.1\n" + EVENT, "ann");
      http.ask("POST /fail HTTP/1.1\n" + EVENT, "terminal");
      http.ask("POST /fail HTTP/1.1\n" + EVENT, "checked");
      http.ask("POST /price HTTP/1.1\n" + EVENT, "[]");
      http.ask("POST /shout HTTP/1.1", "ann");
      http.ask("POST /none HTTP/1.1\n" + EVENT, "ann");

      RawHttp.Answer metrics = http.ask("GET /metrics HTTP/1.1", "");
      String price = "{app=\"test\",task=\"price\"";
      assertThat(metrics.header("Content-Type")).startsWith("text/plain; version=0.0.4");
      assertThat(metrics.text().lines())
          .contains(
              "koalja_function_invocations_total{app=\"test\",task=\"shout\",outcome=\"succeeded\"} 2",
              "koalja_function_invocations_total{app=\"test\",task=\"fail\",outcome=\"function-refused\"} 1",
              "koalja_function_invocations_total{app=\"test\",task=\"fail\",outcome=\"function-failed\"} 1",
              "koalja_function_invocations_total" + price + ",outcome=\"unreadable-data\"} 1",
              "koalja_function_duration_seconds_count{app=\"test\",task=\"shout\"} 2",
              "koalja_function_duration_seconds_bucket{app=\"test\",task=\"shout\",le=\"+Inf\"} 2",
              "koalja_function_in_flight{app=\"test\",task=\"shout\"} 0",
              "koalja_requests_refused_total{app=\"test\",code=\"malformed-event\"} 1",
              "koalja_requests_refused_total{app=\"test\",code=\"unknown-function\"} 1");
      assertThat(metrics.text().lines())
          .allMatch(line -> line.matches("# (HELP|TYPE) .+|[a-z_]+\\{[^}]+} [-0-9.E]+"));
    }
  }

  @Test
  void finishesWhatIsInFlightAndTakesNothingNew() throws Exception {
    TestFunctions.Wait.entered = new CountDownLatch(1);
    TestFunctions.Wait.go = new CountDownLatch(1);
    FunctionServer server = TestFunctions.serve();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        RawHttp slow = new RawHttp(server.port());
        RawHttp late = new RawHttp(server.port())) {
      CompletableFuture<RawHttp.Answer> answer = new CompletableFuture<>();
      threads.submit(() -> answer.complete(slow.ask("POST /wait HTTP/1.1\n" + EVENT, "x")));
      assertThat(TestFunctions.Wait.entered.await(20, TimeUnit.SECONDS)).isTrue();

      CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close, threads);
      await().until(() -> late.ask("GET /health/ready HTTP/1.1", "").text().equals("draining\n"));

      assertThat(late.ask("GET /health/ready HTTP/1.1", "").status()).isEqualTo(503);
      assertThat(late.ask("GET /health/live HTTP/1.1", "").status()).isEqualTo(200);
      RawHttp.Answer refused = late.ask("POST /shout HTTP/1.1\n" + EVENT, "ann");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.text()).contains("urn:koalja:error:stopping");
      assertThat(refused.header("Connection")).isEqualTo("close");
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(closed).isNotDone();

      TestFunctions.Wait.go.countDown();
      assertThat(answer.get(20, TimeUnit.SECONDS).text()).isEqualTo("done");
      closed.get(20, TimeUnit.SECONDS);
      assertThatThrownBy(() -> new RawHttp(server.port()).close())
          .isInstanceOf(java.net.ConnectException.class);
    }
  }

  @Test
  void interruptsACallWhoseCallerNoLongerWaits() throws Exception {
    TestFunctions.Wait.entered = new CountDownLatch(1);
    TestFunctions.Wait.go = new CountDownLatch(1);
    try (FunctionServer server = TestFunctions.serve();
        RawHttp http = new RawHttp(server.port())) {
      String soon = "Koalja-Deadline: " + java.time.Instant.now().plusMillis(300);

      RawHttp.Answer answer = http.ask("POST /wait HTTP/1.1\n" + EVENT + soon, "x");

      assertThat(answer.status()).isEqualTo(504);
      assertThat(answer.text()).contains("urn:koalja:error:function-timeout");
      assertThat(http.ask("POST /shout HTTP/1.1\n" + EVENT + soon, "ann").text()).isEqualTo("ANN");
    }
  }

  @Test
  void doesNotWaitForEver() throws Exception {
    TestFunctions.Wait.entered = new CountDownLatch(1);
    TestFunctions.Wait.go = new CountDownLatch(1);
    FunctionServer server = TestFunctions.serve(0, Duration.ofMillis(50));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        RawHttp slow = new RawHttp(server.port())) {
      threads.submit(() -> slow.ask("POST /wait HTTP/1.1\n" + EVENT, "x"));
      assertThat(TestFunctions.Wait.entered.await(20, TimeUnit.SECONDS)).isTrue();

      CompletableFuture.runAsync(server::close, threads).get(20, TimeUnit.SECONDS);

      TestFunctions.Wait.go.countDown();
    }
  }

  @Test
  void saysThatAPortIsInUse() {
    try (FunctionServer server = TestFunctions.serve()) {
      assertThatThrownBy(() -> TestFunctions.serve(server.port(), Duration.ZERO))
          .isInstanceOf(KoaljaException.class)
          .hasMessageStartingWith("cannot listen on")
          .hasMessageContaining("port " + server.port())
          .hasMessageEndingWith("set PORT or koalja.port to a free one, 0 for any");
    }
  }

  @Test
  void manyRequestsRunSideBySide() throws Exception {
    TestFunctions.Wait.entered = new CountDownLatch(100);
    TestFunctions.Wait.go = new CountDownLatch(1);
    try (FunctionServer server = TestFunctions.serve();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 100; i++) {
        threads.submit(
            () -> {
              try (RawHttp http = new RawHttp(server.port())) {
                return http.ask("POST /wait HTTP/1.1\n" + EVENT, "x");
              }
            });
      }

      assertThat(TestFunctions.Wait.entered.await(20, TimeUnit.SECONDS)).isTrue();
      TestFunctions.Wait.go.countDown();
    }
  }
}
