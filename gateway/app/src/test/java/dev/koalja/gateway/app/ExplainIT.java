package dev.koalja.gateway.app;

import static dev.koalja.gateway.app.TestKafka.header;
import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.Attempt;
import dev.koalja.pipeline.journal.InvocationRecord.Failure;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.pipeline.journal.InvocationRecord.OutputEvent;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What became of an event at every reader. The test plays the router. */
@QuarkusTest
@Timeout(60)
@WithTestResource(TestBroker.class)
class ExplainIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TestHTTPResource(value = "/", management = true)
  URL management;

  private Control control;

  @BeforeEach
  void connect() {
    control = new Control(management);
  }

  private void apply(String pipeline) throws Exception {
    control.apply(
        pipeline,
        """
        tasks:
        - {name: price, function: {app: shop}, inputs: [{name: order, link: order}], outputs: [{name: result, link: priced}]}
        - {name: audit, function: {app: shop}, inputs: [{name: order, link: order, filters: [{exact: {type: x}}]}]}
        - {name: slow, function: {app: shop}, inputs: [{name: order, link: order}]}
        - {name: ship, function: {app: shop}, inputs: [{name: priced, link: priced}, {name: stock, link: stock}], outputs: [{name: result, link: shipment}]}
        links: [{name: order, partitions: 1}, {name: priced, partitions: 1}, {name: stock, partitions: 1}]
        """);
  }

  private static ConsumerRecord<byte[], byte[]> post(String pipeline, String link, String id) {
    given()
        .header("ce-id", id)
        .header("ce-source", "/it")
        .header("ce-type", "t")
        .header("ce-specversion", "1.0")
        .header("ce-partitionkey", "ann")
        .contentType("application/json")
        .body("{\"n\":1}")
        .post("/events/" + pipeline + "/" + link)
        .then()
        .statusCode(202);
    return find("koalja." + pipeline + "." + link, id);
  }

  private static ConsumerRecord<byte[], byte[]> find(String topic, String id) {
    return TestKafka.records(
            topic, all -> all.stream().anyMatch(each -> header(each, "ce_id").equals(id)))
        .stream()
        .filter(each -> header(each, "ce_id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static InputEvent input(String port, ConsumerRecord<byte[], byte[]> record) {
    return new InputEvent(
        port,
        record.topic().substring(record.topic().lastIndexOf('.') + 1),
        record.topic(),
        record.partition(),
        record.offset(),
        header(record, "ce_source"),
        header(record, "ce_id"),
        "t",
        Optional.of("ann"),
        7);
  }

  private static ProducerRecord<byte[], byte[]> journal(
      String pipeline,
      String task,
      Outcome outcome,
      List<InputEvent> inputs,
      List<OutputEvent> outputs,
      List<Attempt> attempts,
      Optional<Failure> error)
      throws Exception {
    String id = pipeline + "-" + task;
    InvocationRecord record =
        new InvocationRecord(
            id,
            pipeline,
            1,
            task,
            Optional.empty(),
            outcome,
            inputs,
            outputs,
            attempts,
            Duration.ZERO,
            Optional.empty(),
            Duration.ofMillis(8),
            Optional.empty(),
            Optional.empty(),
            Instant.now(),
            error);
    ProducerRecord<byte[], byte[]> journal =
        new ProducerRecord<>(
            "koalja-journal." + pipeline,
            id.getBytes(UTF_8),
            Json.MAPPER.writeValueAsBytes(record));
    journal.headers().add("koalja-kind", "invocation".getBytes(UTF_8));
    return journal;
  }

  private static OutputEvent output(String pipeline, String link, String id) {
    return new OutputEvent(
        "result",
        link,
        "koalja.%s.%s".formatted(pipeline, link),
        "/koalja/price",
        id,
        "priced",
        Optional.of("ann"),
        2,
        "9c41");
  }

  /** What {@code price} made, as the router appends it. */
  private static ProducerRecord<byte[], byte[]> priced(String pipeline, String id) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            "koalja." + pipeline + ".priced", "ann".getBytes(UTF_8), "{}".getBytes(UTF_8));
    Map.of(
            "ce_specversion", "1.0",
            "ce_id", id,
            "ce_source", "/koalja/price",
            "ce_type", "priced",
            "ce_partitionkey", "ann",
            "content-type", "application/json")
        .forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
    return record;
  }

  private static void commit(String group, ConsumerRecord<byte[], byte[]> behind) throws Exception {
    try (Admin admin = TestKafka.admin()) {
      admin
          .alterConsumerGroupOffsets(
              group,
              Map.of(
                  new TopicPartition(behind.topic(), behind.partition()),
                  new OffsetAndMetadata(behind.offset() + 1)))
          .all()
          .get();
    }
  }

  private static JsonNode reader(JsonNode event, String task) {
    for (JsonNode reader : event.path("readers")) {
      if (reader.path("task").asText().equals(task)) {
        return reader;
      }
    }
    throw new AssertionError(task + " is not among " + event.path("readers"));
  }

  @Test
  void shouldTellWhatIsKnownOfAnEventAtEveryReader() throws Exception {
    apply("why");
    post("why", "order", "why-before");
    ConsumerRecord<byte[], byte[]> order = post("why", "order", "why-order");
    TestKafka.transaction(
        List.of(
            priced("why", "why-priced"),
            journal(
                "why",
                "price",
                Outcome.SUCCEEDED,
                List.of(input("order", order)),
                List.of(output("why", "priced", "why-priced")),
                List.of(
                    new Attempt(
                        1,
                        Instant.now(),
                        Duration.ofSeconds(1),
                        Optional.of(500),
                        Optional.of(new Failure("function-failed", "no ink"))),
                    new Attempt(
                        2,
                        Instant.now(),
                        Duration.ofMillis(8),
                        Optional.of(200),
                        Optional.empty())),
                Optional.empty()),
            journal(
                "why",
                "audit",
                Outcome.FILTERED,
                List.of(input("order", order)),
                List.of(),
                List.of(),
                Optional.of(
                    new Failure("filtered", "type = \"x\" did not hold: type was \"t\"")))));
    commit("koalja.why.price.order", order);
    commit("koalja.why.ship.priced", find("koalja.why.priced", "why-priced"));
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                TestTasks.of(control, "why", "price").path("done").asInt() == 1
                    && TestTasks.of(control, "why", "audit").path("filtered").asInt() == 1);

    assertThat(TestTasks.of(control, "why", "audit").path("failed").asInt()).isZero();
    JsonNode answer = control.get("/api/explain/why-order");
    assertThat(answer.at("/event/link").asText()).isEqualTo("order");
    assertThat(answer.at("/event/origin").asText()).startsWith("POST /events/why/order");
    assertThat(answer.path("readers")).hasSize(3);
    JsonNode price = reader(answer, "price");
    assertThat(price.at("/invocations/0/outcome").asText()).isEqualTo("SUCCEEDED");
    assertThat(price.at("/invocations/0/attempts")).hasSize(2);
    assertThat(price.path("attempts").asInt()).isEqualTo(5);
    assertThat(reader(answer, "audit").at("/invocations/0/error/cause").asText())
        .contains("did not hold");
    JsonNode slow = reader(answer, "slow");
    assertThat(slow.path("invocations")).isEmpty();
    assertThat(slow.at("/place/offset").asLong() - slow.path("position").asLong()).isEqualTo(1);

    // what was made of it: read by the join, which has taken it in
    assertThat(answer.path("followed")).hasSize(1);
    JsonNode made = answer.path("followed").get(0);
    assertThat(made.at("/event/id").asText()).isEqualTo("why-priced");
    assertThat(made.at("/madeBy/task").asText()).isEqualTo("price");
    JsonNode ship = reader(made, "ship");
    assertThat(ship.path("port").asText()).isEqualTo("priced");
    assertThat(ship.path("key").asText()).isEqualTo("ann");
    assertThat(ship.path("position").asLong()).isGreaterThan(ship.at("/place/offset").asLong());
    assertThat(ship.path("snapshot").isObject()).isTrue();
  }

  @Test
  void shouldFindTheInvocationsOfEachInputOfAJoin() throws Exception {
    apply("both");
    ConsumerRecord<byte[], byte[]> stock = post("both", "stock", "both-stock");
    ConsumerRecord<byte[], byte[]> priced = post("both", "priced", "both-priced");
    TestKafka.transaction(
        List.of(
            journal(
                "both",
                "ship",
                Outcome.SUCCEEDED,
                List.of(input("priced", priced), input("stock", stock)),
                List.of(output("both", "shipment", "both-shipment")),
                List.of(
                    new Attempt(
                        1,
                        Instant.now(),
                        Duration.ofMillis(8),
                        Optional.of(200),
                        Optional.empty())),
                Optional.empty())));
    await()
        .atMost(PATIENCE)
        .until(() -> TestTasks.of(control, "both", "ship").path("done").asInt() == 1);
    for (String id : List.of("both-stock", "both-priced")) {
      JsonNode ship = reader(control.get("/api/explain/" + id), "ship");
      assertThat(ship.at("/invocations/0/outputs/0/id").asText()).isEqualTo("both-shipment");
      assertThat(ship.at("/invocations/0").has("inputs")).isFalse();
    }
    JsonNode trace = control.get("/api/trace/both-shipment");
    assertThat(trace.at("/madeBy/inputs/0/trace/event/origin").asText()).contains("both/priced");
    assertThat(trace.at("/madeBy/inputs/1/trace/event/origin").asText()).contains("both/stock");
  }

  @Test
  void shouldFollowAnEventThatAFilterPassedOn() throws Exception {
    control.apply(
        "pass",
        """
        tasks:
        - {name: large, filter: [{exact: {type: t}}], inputs: [{name: order, link: order}], outputs: [{name: result, link: large-order}]}
        - {name: audit, function: {app: shop}, inputs: [{name: order, link: large-order}]}
        """);
    ConsumerRecord<byte[], byte[]> order = post("pass", "order", "pass-1");
    TestKafka.transaction(
        List.of(
            new ProducerRecord<>(
                "koalja.pass.large-order", null, order.key(), order.value(), order.headers()),
            journal(
                "pass",
                "large",
                Outcome.SUCCEEDED,
                List.of(input("order", order)),
                List.of(
                    new OutputEvent(
                        "result",
                        "large-order",
                        "koalja.pass.large-order",
                        "/it",
                        "pass-1",
                        "t",
                        Optional.of("ann"),
                        7,
                        "9c41")),
                List.of(),
                Optional.empty())));
    await()
        .atMost(PATIENCE)
        .until(() -> TestTasks.of(control, "pass", "large").path("done").asInt() == 1);

    JsonNode answer = control.get("/api/explain/pass-1");
    assertThat(answer.at("/event/link").asText()).isEqualTo("order");
    assertThat(reader(answer, "large").path("invocations")).hasSize(1);
    JsonNode audit = reader(answer, "audit");
    assertThat(audit.at("/place/topic").asText()).isEqualTo("koalja.pass.large-order");
    assertThat(audit.path("position").asLong()).isEqualTo(audit.at("/place/offset").asLong());

    JsonNode trace = control.get("/api/trace/pass-1");
    assertThat(trace.at("/event/link").asText()).isEqualTo("large-order");
    assertThat(trace.at("/madeBy/task").asText()).isEqualTo("large");
    assertThat(trace.at("/madeBy/inputs/0/trace/event/link").asText()).isEqualTo("order");
    assertThat(trace.at("/madeBy/inputs/0/trace/event/origin").asText()).startsWith("POST");
  }

  @Test
  void shouldExplainWhatNobodyHasRead() throws Exception {
    apply("new");
    post("new", "order", "new-order");
    JsonNode answer = control.get("/api/explain/new-order");
    assertThat(answer.path("readers")).hasSize(3);
    for (JsonNode reader : answer.path("readers")) {
      assertThat(reader.path("position").asLong()).isEqualTo(reader.at("/place/offset").asLong());
      assertThat(reader.path("invocations")).isEmpty();
    }
    assertThat(control.send("GET", "/api/explain/never-seen", "").statusCode()).isEqualTo(404);
  }
}
