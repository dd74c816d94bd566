package dev.koalja.gateway.app;

import static dev.koalja.gateway.app.TestKafka.header;
import static dev.koalja.gateway.app.TestKafka.text;
import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.Failure;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.pipeline.journal.InvocationRecord.OutputEvent;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The test plays the router: it appends what a router would, in one transaction. */
@QuarkusTest
@Timeout(60)
@WithTestResource(TestBroker.class)
class JournalIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TestHTTPResource(value = "/", management = true)
  URL management;

  private Control control;

  private void apply(String pipeline) throws Exception {
    control.apply(
        pipeline,
        """
        tasks:
        - name: price
          function: {app: shop}
          inputs: [{name: order, link: order}]
          outputs: [{name: result, link: priced}]
        """);
  }

  @BeforeEach
  void connect() {
    control = new Control(management);
  }

  private static ProducerRecord<byte[], byte[]> event(
      String topic, String key, String value, Map<String, String> headers) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, key.getBytes(UTF_8), value.getBytes(UTF_8));
    headers.forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
    return record;
  }

  private static ConsumerRecord<byte[], byte[]> post(String pipeline, String id) {
    given()
        .header("ce-id", id)
        .header("ce-source", "/it")
        .header("ce-type", "t")
        .header("ce-specversion", "1.0")
        .header("ce-partitionkey", "ann")
        .contentType("application/json")
        .body("{\"n\":1}")
        .post("/events/" + pipeline + "/order")
        .then()
        .statusCode(202);
    return TestKafka.records(
            "koalja." + pipeline + ".order",
            all -> all.stream().anyMatch(each -> header(each, "ce_id").equals(id)))
        .stream()
        .filter(each -> header(each, "ce_id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static ProducerRecord<byte[], byte[]> invocation(
      String pipeline,
      String id,
      ConsumerRecord<byte[], byte[]> input,
      Outcome outcome,
      List<OutputEvent> outputs)
      throws Exception {
    InvocationRecord record =
        new InvocationRecord(
            id,
            pipeline,
            1,
            "price",
            Optional.of("shop 1.0"),
            outcome,
            List.of(
                new InputEvent(
                    "order",
                    "order",
                    input.topic(),
                    input.partition(),
                    input.offset(),
                    "/it",
                    header(input, "ce_id"),
                    "t",
                    Optional.of("ann"),
                    7)),
            outputs,
            List.of(),
            Duration.ofMillis(2),
            Optional.of(Duration.ofMillis(163)),
            Duration.ofMillis(8),
            Optional.of("process 1"),
            Optional.empty(),
            Instant.now(),
            outcome == Outcome.SUCCEEDED
                ? Optional.empty()
                : Optional.of(new Failure("function-refused", "unknown sku Z")));
    return event(
        "koalja-journal." + pipeline,
        id,
        Json.MAPPER.writeValueAsString(record),
        Map.of("koalja-kind", "invocation"));
  }

  /** What a router appends when the task has answered. */
  private static List<ProducerRecord<byte[], byte[]>> done(
      String pipeline, String invocation, ConsumerRecord<byte[], byte[]> input) throws Exception {
    String made = invocation + ".0";
    return List.of(
        event(
            "koalja." + pipeline + ".priced",
            "ann",
            "{\"total\":19.90}",
            Map.of(
                "ce_specversion",
                "1.0",
                "ce_id",
                made,
                "ce_source",
                "/koalja/price",
                "ce_type",
                "priced",
                "ce_partitionkey",
                "ann",
                "content-type",
                "application/json")),
        invocation(
            pipeline,
            invocation,
            input,
            Outcome.SUCCEEDED,
            List.of(
                new OutputEvent(
                    "result",
                    "priced",
                    "koalja." + pipeline + ".priced",
                    "/koalja/price",
                    made,
                    "priced",
                    Optional.of("ann"),
                    15,
                    "9c41"))));
  }

  private static List<ProducerRecord<byte[], byte[]>> dead(
      String pipeline, String invocation, ConsumerRecord<byte[], byte[]> input) throws Exception {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(
            "koalja-dead." + pipeline + ".price.order",
            null,
            input.key(),
            input.value(),
            input.headers());
    Map.of(
            "ce_knativeerrordest", "price",
            "ce_knativeerrorcode", "422",
            "ce_knativeerrordata", "no",
            "ce_koaljaattempts", "5",
            "ce_koaljainvocation", invocation,
            "ce_koaljacause", "TerminalException: unknown sku Z")
        .forEach((name, value) -> letter.headers().add(name, value.getBytes(UTF_8)));
    return List.of(
        letter, invocation(pipeline, invocation, input, Outcome.DEAD_LETTERED, List.of()));
  }

  private JsonNode task(String pipeline) throws Exception {
    return TestTasks.of(control, pipeline, "price");
  }

  @Test
  void shouldTraceAResultBackToTheRequest() throws Exception {
    apply("trace");
    ConsumerRecord<byte[], byte[]> order = post("trace", "trace-order");
    TestKafka.transaction(done("trace", "01TRACEINVOCATION", order));
    await().atMost(PATIENCE).until(() -> task("trace").path("done").asInt() == 1);
    for (String name : List.of("01TRACEINVOCATION.0", "01TRACEINV", "01TR…N.0", "INVOCATION.0")) {
      JsonNode trace = control.get("/api/trace/" + name.replace("…", "%E2%80%A6"));
      assertThat(trace.at("/event/id").asText()).isEqualTo("01TRACEINVOCATION.0");
      assertThat(trace.at("/event/sha256").asText()).isEqualTo("9c41");
      assertThat(trace.at("/madeBy/task").asText()).isEqualTo("price");
      assertThat(trace.at("/madeBy/inputs/0/trace/event/id").asText()).isEqualTo("trace-order");
      assertThat(trace.at("/madeBy/inputs/0/trace/event/origin").asText())
          .isEqualTo("POST /events/trace/order, 127.0.0.1");
    }
    JsonNode forward = control.get("/api/trace/trace-order");
    assertThat(forward.path("madeBy").isMissingNode()).isTrue();
    assertThat(forward.at("/consumedBy/0/outputs/0/id").asText()).isEqualTo("01TRACEINVOCATION.0");
    assertThat(task("trace").path("coldStartP50Ms").asInt()).isEqualTo(163);
  }

  @Test
  void shouldTraceAnEventNobodyHasReadYet() throws Exception {
    apply("unread");
    post("unread", "not-read-yet");
    JsonNode trace = control.get("/api/trace/not-read-yet");
    assertThat(trace.at("/event/link").asText()).isEqualTo("order");
    assertThat(trace.at("/event/origin").asText()).startsWith("POST /events/unread/order");
    assertThat(control.send("GET", "/api/trace/never-seen", "").statusCode()).isEqualTo(404);
  }

  @Test
  void shouldFollowALinkWithItsProducer() throws Exception {
    apply("tail");
    ConsumerRecord<byte[], byte[]> order = post("tail", "tail-order");
    try (Stream<String> lines =
        control.follow("/api/pipelines/tail/links/priced/events?last=5&follow=true")) {
      TestKafka.transaction(done("tail", "01TAIL", order));
      Iterator<String> more = lines.iterator();
      String text = more.next();
      assertThat(text).contains("\"data\":{\"total\":19.90}");
      JsonNode line = Control.read(text);
      assertThat(line.path("id").asText()).isEqualTo("01TAIL.0");
      assertThat(line.path("key").asText()).isEqualTo("ann");
      assertThat(line.at("/producer/task").asText()).isEqualTo("price");
      assertThat(line.at("/producer/tookMs").asInt()).isEqualTo(8);
      assertThat(line.at("/producer/coldStartMs").asInt()).isEqualTo(163);
    }
  }

  @Test
  void shouldShowTheLastEventsAcrossMarkersAndPartitions() throws Exception {
    apply("last");
    ConsumerRecord<byte[], byte[]> order = post("last", "last-order");
    for (int i = 0; i < 20; i++) {
      TestKafka.transaction(done("last", "01LAST" + i, order));
    }
    String path = "/api/pipelines/last/links/priced/events";
    assertThat(control.lines(path + "?last=3"))
        .extracting(line -> line.path("id").asText())
        .containsExactly("01LAST17.0", "01LAST18.0", "01LAST19.0");
    assertThat(control.lines(path + "?from=earliest")).hasSize(20);
    assertThat(control.lines(path + "?last=100")).hasSize(20);
    await().atMost(PATIENCE).until(() -> task("last").path("done").asInt() == 20);
    assertThat(control.lines("/api/invocations?pipeline=last&task=price&last=2"))
        .extracting(line -> line.path("invocation").asText())
        .containsExactly("01LAST18", "01LAST19");
  }

  @Test
  void shouldShowAllEventsOfALinkByTheirTimeWhateverPartitionsTheyAreIn() throws Exception {
    apply("ordered");
    String topic = "koalja.ordered.order";
    int partitions = TestKafka.partitions(topic);
    assertThat(partitions).isGreaterThan(1);
    long begin = Instant.now().toEpochMilli() - 60_000;
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      for (int i = partition; i < 300; i += partitions) {
        records.add(
            new ProducerRecord<>(
                topic, partition, begin + i, null, "{}".getBytes(UTF_8), eventHeaders("o-" + i)));
      }
    }
    TestKafka.transaction(records);
    assertThat(control.lines("/api/pipelines/ordered/links/order/events?from=earliest"))
        .extracting(line -> line.path("id").asText())
        .containsExactlyElementsOf(IntStream.range(0, 300).mapToObj(i -> "o-" + i).toList());
  }

  private static List<Header> eventHeaders(String id) {
    return Stream.of(
            Map.entry("ce_specversion", "1.0"),
            Map.entry("ce_id", id),
            Map.entry("ce_source", "/it"),
            Map.entry("ce_type", "t"),
            Map.entry("content-type", "application/json"))
        .<Header>map(each -> new RecordHeader(each.getKey(), each.getValue().getBytes(UTF_8)))
        .toList();
  }

  @Test
  void shouldSendDeadLettersBackOnce() throws Exception {
    apply("dead");
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      records.addAll(dead("dead", "01DEAD" + i, post("dead", "dead-" + i)));
    }
    TestKafka.transaction(records);
    await().atMost(PATIENCE).until(() -> task("dead").path("deadLetters").asInt() == 3);
    JsonNode letter = control.get("/api/deadletters?pipeline=dead").get(0);
    assertThat(letter.path("state").asText()).isEqualTo("open");
    assertThat(letter.path("cause").asText()).isEqualTo("TerminalException: unknown sku Z");
    assertThat(letter.path("attempts").asInt()).isEqualTo(5);
    JsonNode whole = control.get("/api/deadletters/dead-1");
    assertThat(whole.path("data").toString()).isEqualTo("{\"n\":1}");
    assertThat(whole.at("/invocation/error/code").asText()).isEqualTo("function-refused");

    assertThat(
            control
                .post("/api/deadletters/retry", "{\"pipeline\":\"dead\",\"cause\":\"other\"}")
                .path("matched")
                .asInt())
        .isZero();
    JsonNode retried =
        control.post(
            "/api/deadletters/retry",
            "{\"pipeline\":\"dead\",\"cause\":\"sku Z\",\"ids\":[\"dead-0\",\"dead-1\"]}");
    assertThat(retried.path("matched").asInt()).isEqualTo(2);
    assertThat(retried.path("retried").asInt()).isEqualTo(2);
    assertThat(
            control
                .post("/api/deadletters/retry", "{\"pipeline\":\"dead\",\"ids\":[\"dead-0\"]}")
                .path("matched")
                .asInt())
        .isZero();
    assertThat(
            control
                .post("/api/deadletters/delete", "{\"pipeline\":\"dead\"}")
                .path("deleted")
                .asInt())
        .isEqualTo(1);
    assertThat(task("dead").path("deadLetters").asInt()).isZero();
    assertThat(task("dead").path("failed").asInt()).isEqualTo(3);

    List<ConsumerRecord<byte[], byte[]>> again =
        TestKafka.records("koalja-retry.dead.price.order", 2);
    assertThat(again).hasSize(2);
    assertThat(again).extracting(each -> header(each, "ce_id")).containsExactly("dead-0", "dead-1");
    assertThat(text(again.getFirst().key())).isEqualTo("ann");
    assertThat(text(again.getFirst().value())).isEqualTo("{\"n\":1}");
    assertThat(again.getFirst().headers())
        .noneMatch(each -> each.key().startsWith("ce_knativeerror"))
        .noneMatch(each -> each.key().equals("ce_koaljacause"));
    assertThat(header(again.getFirst(), "ce_koaljaorigin")).startsWith("POST /events/dead/order");
    assertThat(
            StreamSupport.stream(control.get("/api/deadletters?pipeline=dead").spliterator(), false)
                .map(each -> each.path("state").asText()))
        .containsExactlyInAnyOrder("retried", "retried", "deleted");
  }

  @Test
  void shouldSendALetterBackWithOtherDataAndSayThatItWasEdited() throws Exception {
    apply("edit");
    TestKafka.transaction(dead("edit", "01EDIT", post("edit", "edit-1")));
    await().atMost(PATIENCE).until(() -> task("edit").path("deadLetters").asInt() == 1);
    HttpResponse<String> noJson = control.send("POST", "/api/deadletters/edit-1/edit", "{\"n\":");
    assertThat(noJson.statusCode()).isEqualTo(400);
    assertThat(noJson.body()).contains("not JSON at line 1");

    assertThat(control.post("/api/deadletters/edit-1/edit", "{\"n\":2}").path("edited").asInt())
        .isEqualTo(1);

    ConsumerRecord<byte[], byte[]> again =
        TestKafka.records("koalja-retry.edit.price.order", 1).getFirst();
    assertThat(text(again.value())).isEqualTo("{\"n\":2}");
    assertThat(header(again, "ce_id")).isEqualTo("edit-1");
    assertThat(control.get("/api/deadletters/edit-1").path("state").asText()).isEqualTo("edited");
    assertThat(control.send("POST", "/api/deadletters/edit-1/edit", "{}").statusCode())
        .isEqualTo(400);
  }

  @Test
  void shouldSendQuarantinedBytesBackAsTheyWere() throws Exception {
    apply("jail");
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            "koalja-quarantine.jail.price.order", null, new byte[] {1, -1}, new byte[] {0, 2});
    Map.of(
            "koalja-reason", "no CloudEvent: ce_id is missing",
            "koalja-topic", "koalja.jail.order",
            "koalja-partition", "3",
            "koalja-offset", "7",
            "own", "x")
        .forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
    TestKafka.transaction(List.of(record));
    await().atMost(PATIENCE).until(() -> task("jail").path("quarantined").asInt() == 1);
    JsonNode letter = control.get("/api/deadletters?pipeline=jail").get(0);
    assertThat(letter.path("kind").asText()).isEqualTo("quarantine");
    assertThat(letter.path("cause").asText()).isEqualTo("no CloudEvent: ce_id is missing");
    String place = letter.path("id").asText();
    assertThat(place).isEqualTo("koalja-quarantine.jail.price.order:0:0");
    assertThat(control.get("/api/deadletters/" + place).path("data_base64").asText())
        .isEqualTo("AAI=");
    control.post("/api/deadletters/retry", "{\"ids\":[\"" + place + "\"]}");
    ConsumerRecord<byte[], byte[]> again =
        TestKafka.records("koalja-retry.jail.price.order", 1).getFirst();
    assertThat(again.key()).containsExactly(1, -1);
    assertThat(again.value()).containsExactly(0, 2);
    assertThat(again.headers()).extracting(each -> each.key()).containsExactly("own");
  }

  /** What a router appends for a record that is no event. */
  private static ProducerRecord<byte[], byte[]> quarantined(
      String pipeline, String key, String value, String reason, Map<String, String> headers) {
    ProducerRecord<byte[], byte[]> record =
        event("koalja-quarantine." + pipeline + ".price.order", key, value, headers);
    Map.of(
            "koalja-reason",
            reason,
            "koalja-topic",
            "koalja." + pipeline + ".order",
            "koalja-partition",
            "0",
            "koalja-offset",
            "7")
        .forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
    return record;
  }

  @Test
  void shouldMakeAQuarantinedRecordTheEventItShouldHaveBeen() throws Exception {
    apply("mend");
    TestKafka.transaction(
        List.of(
            quarantined(
                "mend",
                "ann",
                "{\"n\":1}",
                "no CloudEvent: no ce_id",
                Map.of(
                    "ce_specversion", "1.0", "ce_type", "t", "content-type", "application/json")),
            quarantined(
                "mend",
                "bob",
                "{\"specversion\":\"1.0\",\"id\":\"half\",\"data\":[2]}",
                "no CloudEvent: no source",
                Map.of("content-type", "application/cloudevents+json"))));
    await().atMost(PATIENCE).until(() -> task("mend").path("quarantined").asInt() == 2);
    String first = "/api/deadletters/koalja-quarantine.mend.price.order:0:0";
    JsonNode draft = control.get(first).path("draft");
    assertThat(draft.toString())
        .isEqualTo(
            "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"\",\"type\":\"t\","
                + "\"datacontenttype\":\"application/json\",\"data\":{\"n\":1}}");
    assertThat(
            control
                .get("/api/deadletters/koalja-quarantine.mend.price.order:0:1")
                .path("draft")
                .toString())
        .isEqualTo(
            "{\"specversion\":\"1.0\",\"id\":\"half\",\"source\":\"\",\"type\":\"\",\"data\":[2]}");

    String json = "application/cloudevents+json";
    HttpResponse<String> notYet = control.send("POST", first + "/edit", draft.toString(), json);
    assertThat(notYet.statusCode()).isEqualTo(400);
    assertThat(notYet.body()).contains("id");
    assertThat(control.get(first).path("state").asText()).isEqualTo("open");
    String whole =
        draft
            .toString()
            .replace("\"id\":\"\"", "\"id\":\"mended\"")
            .replace("\"source\":\"\"", "\"source\":\"/it\"");
    HttpResponse<String> edited = control.send("POST", first + "/edit", whole, json);
    assertThat(Control.read(edited.body()).path("edited").asInt()).isEqualTo(1);

    ConsumerRecord<byte[], byte[]> again =
        TestKafka.records("koalja-retry.mend.price.order", 1).getFirst();
    assertThat(text(again.key())).isEqualTo("ann");
    assertThat(text(again.value())).isEqualTo("{\"n\":1}");
    assertThat(header(again, "ce_id")).isEqualTo("mended");
    assertThat(header(again, "content-type")).isEqualTo("application/json");
    assertThat(header(again, "ce_koaljaorigin")).startsWith("POST " + first + "/edit");
    assertThat(again.headers()).noneMatch(each -> each.key().startsWith("koalja-"));
    assertThat(control.get(first).path("state").asText()).isEqualTo("edited");
    assertThat(control.send("POST", first + "/edit", whole, json).statusCode()).isEqualTo(400);
    assertThat(
            TestKafka.records(
                    "koalja-journal.mend",
                    all -> all.stream().anyMatch(each -> text(each.value()).contains("EDITED")))
                .stream()
                .map(each -> text(each.key())))
        .contains("dead-letter/koalja-quarantine.mend.price.order/0/0");
  }

  @Test
  void shouldDoWithQuarantinedRecordsOfACauseWhatIsOrdered() throws Exception {
    apply("bulk");
    List<ProducerRecord<byte[], byte[]>> records =
        new ArrayList<>(dead("bulk", "01BULK", post("bulk", "bulk-1")));
    for (int i = 0; i < 3; i++) {
      String reason = i < 2 ? "no CloudEvent: no id" : "no CloudEvent: JSON null";
      records.add(quarantined("bulk", "k", "v" + i, reason, Map.of()));
    }
    TestKafka.transaction(records);
    await().atMost(PATIENCE).until(() -> task("bulk").path("quarantined").asInt() == 3);
    assertThat(control.get("/api/deadletters?pipeline=bulk")).hasSize(4);
    assertThat(control.get("/api/deadletters?pipeline=bulk&kind=quarantine")).hasSize(3);
    assertThat(control.get("/api/deadletters?pipeline=bulk&kind=dead-letter")).hasSize(1);
    assertThat(control.send("GET", "/api/deadletters?kind=dead", "").statusCode()).isEqualTo(400);

    JsonNode retried =
        control.post("/api/deadletters/retry", "{\"pipeline\":\"bulk\",\"cause\":\"no id\"}");
    assertThat(retried.path("retried").asInt()).isEqualTo(2);
    assertThat(TestKafka.records("koalja-retry.bulk.price.order", 2))
        .extracting(each -> text(each.value()))
        .containsExactly("v0", "v1");
    JsonNode deleted =
        control.post("/api/deadletters/delete", "{\"pipeline\":\"bulk\",\"kind\":\"quarantine\"}");
    assertThat(deleted.path("deleted").asInt()).isEqualTo(1);
    assertThat(control.get("/api/deadletters?pipeline=bulk&kind=dead-letter").get(0).path("state"))
        .hasToString("\"open\"");
  }

  @Test
  void shouldRefuseAMisspeltSelection() throws Exception {
    assertThat(
            control.send("POST", "/api/deadletters/delete", "{\"tasks\":\"price\"}").statusCode())
        .isEqualTo(400);
    assertThat(control.send("POST", "/api/deadletters/delete", "{\"kind\":\"dead\"}").statusCode())
        .isEqualTo(400);
    assertThat(control.send("POST", "/api/deadletters/delete", "[]").statusCode()).isEqualTo(400);
  }

  @Test
  void shouldIndexWhatStandsBehindARecordItCannotHold() throws Exception {
    apply("tough");
    ConsumerRecord<byte[], byte[]> in = post("tough", "tough-in");
    Map<String, String> kind = Map.of("koalja-kind", "invocation");
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    // JSON that is no record, then a task whose name does not fit its column
    records.add(event("koalja-journal.tough", "x", "{\"inputs\":null}", kind));
    List<ProducerRecord<byte[], byte[]>> good = done("tough", "01TOUGH", in);
    ProducerRecord<byte[], byte[]> journal =
        good.stream()
            .filter(each -> each.topic().equals("koalja-journal.tough"))
            .findFirst()
            .orElseThrow();
    records.add(
        event(
            "koalja-journal.tough",
            "y",
            text(journal.value())
                .replace("01TOUGH", "01LONG")
                .replace("\"price\"", "\"" + "p".repeat(100) + "\""),
            kind));
    records.addAll(good);
    TestKafka.transaction(records);
    await().atMost(PATIENCE).until(() -> task("tough").path("done").asInt() == 1);
  }
}
