package dev.koalja.gateway.app;

import static dev.koalja.gateway.app.TestKafka.header;
import static dev.koalja.gateway.app.TestKafka.text;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@Timeout(60)
@WithTestResource(TestBroker.class)
class IngressIT {
  private static final String BATCH = "application/cloudevents-batch+json";

  @TestHTTPResource(value = "/", management = true)
  URL management;

  @TestHTTPResource("/")
  URL ingress;

  private Control control;

  @BeforeEach
  void apply() throws Exception {
    control = new Control(management);
    for (String pipeline : List.of("ingress", "ingress2")) {
      control.apply(
          pipeline, "links: [{name: %s-only, partitions: 4}, {name: both}]".formatted(pipeline));
    }
  }

  private static RequestSpecification request() {
    return given()
        .config(
            RestAssuredConfig.config()
                .encoderConfig(
                    EncoderConfig.encoderConfig()
                        .appendDefaultContentCharsetToContentTypeIfUndefined(false)
                        .encodeContentTypeAs(BATCH, ContentType.TEXT)
                        .encodeContentTypeAs("application/cloudevents+json", ContentType.TEXT)
                        .encodeContentTypeAs("application/cloudevents+avro", ContentType.TEXT)));
  }

  private static RequestSpecification event(String id) {
    return request()
        .header("ce-id", id)
        .header("ce-source", "/it")
        .header("ce-type", "test")
        .header("ce-specversion", "1.0")
        .contentType("application/json");
  }

  private static String json(String id, String key) {
    return """
        {"specversion":"1.0","id":"%s","source":"/it","type":"t","partitionkey":"%s","data":{"n":1.10}}"""
        .formatted(id, key);
  }

  private static ConsumerRecord<byte[], byte[]> record(String topic, String id) {
    return TestKafka.records(
            topic, all -> all.stream().anyMatch(each -> header(each, "ce_id").equals(id)))
        .stream()
        .filter(each -> header(each, "ce_id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldAppendAnEventBeforeItAnswers() {
    event("binary-1")
        .header("ce-partitionkey", "ann%20b")
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .body("{\"total\": 1.10}")
        .post("/events/ingress-only")
        .then()
        .statusCode(202)
        .body("accepted[0].id", equalTo("binary-1"))
        .body("accepted[0].source", equalTo("/it"))
        .body("link", equalTo("ingress-only"));
    ConsumerRecord<byte[], byte[]> record = record("koalja.ingress.ingress-only", "binary-1");
    assertThat(text(record.key())).isEqualTo("ann b");
    assertThat(text(record.value())).isEqualTo("{\"total\": 1.10}");
    assertThat(header(record, "content-type")).isEqualTo("application/json");
    assertThat(header(record, "ce_partitionkey")).isEqualTo("ann b");
    assertThat(header(record, "ce_koaljaorigin")).isEqualTo("POST /events/ingress-only, 127.0.0.1");
    assertThat(header(record, "traceparent"))
        .startsWith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
        .doesNotContain("00f067aa0ba902b7");
  }

  @Test
  void shouldKeepAKeylessEventKeylessAndBeginATrace() {
    event("keyless")
        .header("ce-koaljaoutput", "x")
        .post("/events/ingress/both")
        .then()
        .statusCode(202);
    ConsumerRecord<byte[], byte[]> record = record("koalja.ingress.both", "keyless");
    assertThat(record.key()).isNull();
    assertThat(record.value()).isNull();
    assertThat(header(record, "traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
    assertThat(record.headers().lastHeader("ce_koaljaoutput")).isNull();
  }

  @Test
  void shouldKeepTheOrderOfKeysInBatchesOfManySenders() throws Exception {
    int senders = 8;
    int batches = 5;
    int size = 100;
    long seed = new Random().nextLong();
    System.out.println("IngressIT seed " + seed);
    Random random = new Random(seed);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> sent = new ArrayList<>();
      for (int sender = 0; sender < senders; sender++) {
        String prefix = "s" + sender;
        long own = random.nextLong();
        sent.add(threads.submit(() -> sendBatches(prefix, new Random(own), batches, size)));
      }
      for (Future<?> each : sent) {
        each.get();
      }
    }
    List<ConsumerRecord<byte[], byte[]>> records =
        TestKafka.records("koalja.ingress2.ingress2-only", senders * batches * size);
    assertThat(records).hasSize(senders * batches * size);
    Map<String, Integer> last = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      int number = Integer.parseInt(header(record, "ce_id").replaceAll(".*-", ""));
      Integer before = last.put(text(record.key()), number);
      assertThat(before == null || before < number).isTrue();
    }
  }

  private static void sendBatches(String prefix, Random random, int batches, int size) {
    for (int batch = 0; batch < batches; batch++) {
      int first = batch * size;
      String body =
          IntStream.range(0, size)
              .mapToObj(i -> json(prefix + "-" + (first + i), prefix + random.nextInt(5)))
              .collect(Collectors.joining(",", "[", "]"));
      request().contentType(BATCH).body(body).post("/events/ingress2-only").then().statusCode(202);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/events/ingress-onl, 404, unknown-link, did you mean \"ingress-only\"",
    "/events/nowhere/both, 404, unknown-pipeline, no pipeline is called",
    "/events/ingress/nothing-like-it, 404, unknown-link, no link is called",
    "/events/both, 409, ambiguous-link, /events/ingress/both",
    "/elsewhere, 404, unknown-path, /events/<link>",
  })
  void shouldRefuseAddresses(String path, int status, String word, String detail) {
    event("1")
        .body("{}")
        .post(path)
        .then()
        .statusCode(status)
        .contentType("application/problem+json")
        .body("type", equalTo("urn:koalja:error:" + word))
        .body("detail", containsString(detail));
  }

  @Test
  void shouldRefuseBadInputWithItsOwnStatus() {
    event("1")
        .body("{\"id\":")
        .post("/events/ingress-only")
        .then()
        .statusCode(400)
        .body("detail", equalTo("not JSON at line 1 column 7: end of input inside an object"));
    request()
        .contentType("application/json")
        .body("{}")
        .post("/events/ingress-only")
        .then()
        .statusCode(400);
    request().get("/events/ingress-only").then().statusCode(405).header("Allow", "POST");
    request()
        .contentType("application/cloudevents+avro")
        .body("x")
        .post("/events/ingress-only")
        .then()
        .statusCode(415);
    event("1")
        .header("ce-long", "x".repeat(9000))
        .body("{}")
        .post("/events/ingress-only")
        .then()
        .statusCode(431);
    String tooMany =
        IntStream.range(0, 201)
            .mapToObj(i -> json("b" + i, "k"))
            .collect(Collectors.joining(",", "[", "]"));
    request().contentType(BATCH).body(tooMany).post("/events/ingress-only").then().statusCode(413);
  }

  @Test
  void shouldRefuseBodiesBeyondTheLimitAndGoOn() {
    for (int i = 0; i < 3; i++) {
      event("large")
          .contentType("text/plain")
          .body("x".repeat((1 << 20) + 1))
          .post("/events/ingress-only")
          .then()
          .statusCode(413)
          .body("type", equalTo("urn:koalja:error:too-large"));
      event("fits-" + i)
          .contentType("text/plain")
          .body("x".repeat(1 << 20))
          .post("/events/ingress-only")
          .then()
          .statusCode(202);
    }
  }

  @Test
  void shouldRefuseAQueryThatIsNotEncodedAndHoldNothing() throws Exception {
    String body = "x".repeat(1 << 16);
    for (int i = 0; i < 3; i++) {
      String answer =
          raw(
              "POST /elsewhere?%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                  + body.length()
                  + "\r\n\r\n"
                  + body);
      assertThat(answer).startsWith("HTTP/1.1 400");
    }
    assertThat(heldBytes()).isZero();
  }

  @Test
  void shouldCutOffASenderThatDoesNotGoOn() throws Exception {
    String begin =
        "POST /events/ingress-only HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nbegin";
    assertThat(raw(begin)).isEmpty();
    assertThat(heldBytes()).isZero();
  }

  private double heldBytes() throws Exception {
    return control
        .send("GET", "/q/metrics", "")
        .body()
        .lines()
        .filter(line -> line.startsWith("koalja_gateway_body_bytes"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow();
  }

  /** What comes back until the gateway closes the connection. */
  private String raw(String text) throws IOException {
    try (Socket socket = new Socket(ingress.getHost(), ingress.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      ByteArrayOutputStream got = new ByteArrayOutputStream();
      try {
        socket.getInputStream().transferTo(got);
      } catch (SocketTimeoutException e) {
        throw new IOException(
            "the gateway did not close after: " + got.toString(StandardCharsets.UTF_8), e);
      }
      return got.toString(StandardCharsets.UTF_8);
    }
  }
}
