package dev.koalja.gateway.app;

import static dev.koalja.gateway.app.TestKafka.text;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.definition.Proposal;
import dev.koalja.pipeline.definition.Release;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@Timeout(60)
@WithTestResource(TestBroker.class)
class DefinitionIT {
  @TestHTTPResource(value = "/", management = true)
  URL management;

  private Control control;

  @BeforeEach
  void connect() {
    control = new Control(management);
  }

  private static String task(String from) {
    return """
    tasks:
    - name: price
      function: {app: shop}
      inputs: [{name: order, link: order, from: %s}]
      outputs: [{name: result, link: priced}]
    links: [{name: order, partitions: 2, retention: 1d}]
    """
        .formatted(from);
  }

  private static void post(String path, int events) {
    for (int i = 0; i < events; i++) {
      given()
          .header("ce-id", "e" + i)
          .header("ce-source", "/it")
          .header("ce-type", "t")
          .header("ce-specversion", "1.0")
          .header("ce-partitionkey", "k" + i)
          .post(path)
          .then()
          .statusCode(202);
    }
  }

  private static Map<String, Long> positions(String group) throws Exception {
    return TestKafka.committed(group).entrySet().stream()
        .collect(Collectors.toMap(each -> each.getKey().toString(), Map.Entry::getValue));
  }

  /** A proposal with build {@code number} of app shop. */
  private HttpResponse<String> propose(String name, String spec, long after, int number)
      throws Exception {
    Release.Build build =
        new Release.Build(
            number, true, Optional.of("1.0+" + number), Optional.empty(), Optional.empty());
    return control.send(
        "PUT",
        "/api/pipelines/" + name,
        Json.MAPPER.writeValueAsString(
            new Proposal(
                Control.file(name, spec),
                Optional.of(after),
                Optional.of(
                    Release.of(
                        "id-" + number,
                        Instant.parse("2026-11-23T10:00:00Z"),
                        Release.Cause.UPGRADE,
                        "here",
                        Map.of("shop", build))))),
        Proposal.MEDIA_TYPE);
  }

  @Test
  void shouldMakeARevisionOfTheSameFileOnlyWhenTheCodeIsNew() throws Exception {
    assertThat(propose("rebuilt", task("earliest"), 0, 1).body())
        .isEqualTo("{\"name\":\"rebuilt\",\"revision\":1,\"changed\":true}");
    assertThat(propose("rebuilt", task("earliest"), 1, 1).body())
        .isEqualTo("{\"name\":\"rebuilt\",\"revision\":1,\"changed\":false}");
    assertThat(control.apply("rebuilt", task("earliest")).toString())
        .as("who says nothing of the code changes none")
        .isEqualTo("{\"name\":\"rebuilt\",\"revision\":1,\"changed\":false}");

    assertThat(propose("rebuilt", task("earliest"), 1, 2).body())
        .isEqualTo("{\"name\":\"rebuilt\",\"revision\":2,\"changed\":false}");

    assertThat(control.get("/api/pipelines/rebuilt").path("revision").asInt()).isEqualTo(2);
    assertThat(control.get("/api/pipelines/rebuilt").at("/release/builds/shop").toString())
        .isEqualTo(
            "{\"number\":2,\"runs\":true,\"code\":\"1.0+2\",\"version\":null,\"image\":null}");
  }

  @Test
  void shouldRefuseAProposalThatWasMadeForAnotherRevision() throws Exception {
    assertThat(propose("late", task("earliest"), 0, 1).statusCode()).isEqualTo(200);
    assertThat(propose("late", task("latest"), 1, 2).statusCode()).isEqualTo(200);

    HttpResponse<String> late = propose("late", task("earliest"), 1, 3);

    assertThat(late.statusCode()).isEqualTo(409);
    assertThat(late.body())
        .contains(
            "outdated",
            "another change came first: revision 2 of pipeline late is in force, this was made for 1");
    assertThat(control.get("/api/pipelines/late").path("revision").asInt()).isEqualTo(2);
    assertThat(control.send("PUT", "/api/pipelines/late", "{", Proposal.MEDIA_TYPE).statusCode())
        .isEqualTo(400);
  }

  @Test
  void shouldRememberTheLastTenRevisionsWithTheirCode() throws Exception {
    for (int i = 0; i < 12; i++) {
      propose("kept", task(i % 2 == 0 ? "earliest" : "latest"), i, 20 + i);
    }

    List<JsonNode> revisions = new ArrayList<>();
    control.get("/api/pipelines/kept/revisions").forEach(revisions::add);

    assertThat(revisions.stream().map(each -> each.path("revision").asInt()))
        .containsExactly(12, 11, 10, 9, 8, 7, 6, 5, 4, 3);
    assertThat(revisions.stream().map(each -> each.at("/release/builds/shop/number").asInt()))
        .containsExactly(31, 30, 29, 28, 27, 26, 25, 24, 23, 22);
    assertThat(revisions.get(9).at("/pipeline/spec/tasks/0/inputs/0/from").asText())
        .as("the default is not written")
        .isEmpty();
    assertThat(revisions.get(8).at("/pipeline/spec/tasks/0/inputs/0/from").asText())
        .isEqualTo("latest");
    assertThat(control.send("GET", "/api/pipelines/keppt/revisions", "").body())
        .contains("did you mean");
  }

  @Test
  void shouldMakeTopicsAndPositionsBeforeTheRevision() throws Exception {
    JsonNode applied = control.apply("made", task("earliest"));
    assertThat(applied.toString()).isEqualTo("{\"name\":\"made\",\"revision\":1,\"changed\":true}");
    try (Admin admin = TestKafka.admin()) {
      Map<String, Integer> partitions = new HashMap<>();
      admin
          .describeTopics(
              List.of(
                  "koalja.made.order",
                  "koalja.made.priced",
                  "koalja-journal.made",
                  "koalja-dead.made.price.order",
                  "koalja-retry.made.price.order",
                  "koalja-quarantine.made.price.order"))
          .allTopicNames()
          .get()
          .forEach((name, topic) -> partitions.put(name, topic.partitions().size()));
      assertThat(partitions)
          .containsEntry("koalja.made.order", 2)
          .containsEntry("koalja.made.priced", 8)
          .containsEntry("koalja-journal.made", 1)
          .hasSize(6);
      ConfigResource order = new ConfigResource(ConfigResource.Type.TOPIC, "koalja.made.order");
      Config config = admin.describeConfigs(List.of(order)).all().get().get(order);
      assertThat(config.get("max.message.bytes").value()).isEqualTo("8388608");
      assertThat(config.get("retention.ms").value()).isEqualTo("86400000");
      assertThat(config.get("segment.ms").value()).isEqualTo("21600000");
    }
    assertThat(positions("koalja.made.price.order"))
        .isEqualTo(
            Map.of(
                "koalja.made.order-0", 0L,
                "koalja.made.order-1", 0L,
                "koalja-retry.made.price.order-0", 0L));
  }

  private static String join(String snapshot) {
    return """
    tasks:
    - name: ship
      function: {app: shop}
      inputs: [{name: priced, link: priced}, {name: stock, link: stock, from: latest}]
      outputs: [{name: result, link: shipment}]
      snapshot: %s
    links: [{name: priced, partitions: 2}, {name: stock, partitions: 1}]
    """
        .formatted(snapshot);
  }

  @Test
  void shouldMakeWhatAJoiningTaskKeepsItsEventsIn() throws Exception {
    assertThat(control.apply("join", join("{correlate: key}")).path("revision").asInt())
        .isEqualTo(1);
    try (Admin admin = TestKafka.admin()) {
      List<String> names =
          List.of(
              "koalja-arrivals.join.ship", "koalja-state.join.ship", "koalja-snapshots.join.ship");
      admin
          .describeTopics(names)
          .allTopicNames()
          .get()
          .values()
          .forEach(topic -> assertThat(topic.partitions()).hasSize(8));
      Map<String, Config> configs = new HashMap<>();
      admin
          .describeConfigs(
              names.stream()
                  .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                  .toList())
          .all()
          .get()
          .forEach((resource, config) -> configs.put(resource.name(), config));
      Config arrivals = configs.get("koalja-arrivals.join.ship");
      assertThat(arrivals.get("message.timestamp.type").value()).isEqualTo("LogAppendTime");
      assertThat(arrivals.get("retention.ms").value()).isEqualTo("604800000");
      Config state = configs.get("koalja-state.join.ship");
      assertThat(state.get("cleanup.policy").value()).isEqualTo("compact");
      assertThat(state.get("segment.ms").value()).isEqualTo("3600000");
      assertThat(state.get("min.cleanable.dirty.ratio").value()).isEqualTo("0.1");
      assertThat(configs.get("koalja-snapshots.join.ship").get("retention.ms").value())
          .isEqualTo("604800000");
      assertThat(admin.listTopics().names().get())
          .contains(
              "koalja-dead.join.ship.priced",
              "koalja-retry.join.ship.stock",
              "koalja-dead.join.ship.snapshot",
              "koalja-quarantine.join.ship.snapshot",
              "koalja-quarantine.join.ship.arrivals")
          .doesNotContain(
              "koalja-dead.join.ship.arrivals",
              "koalja-retry.join.ship.arrivals",
              "koalja-retry.join.ship.snapshot",
              "koalja-keyed.join.ship");
    }
    assertThat(positions("koalja.join.ship.arrivals"))
        .hasSize(8)
        .containsEntry("koalja-arrivals.join.ship-7", 0L)
        .allSatisfy((_, offset) -> assertThat(offset).isZero());
    assertThat(positions("koalja.join.ship.snapshot"))
        .hasSize(8)
        .containsEntry("koalja-snapshots.join.ship-0", 0L);
    assertThat(positions("koalja.join.ship.priced"))
        .containsOnlyKeys(
            "koalja.join.priced-0", "koalja.join.priced-1", "koalja-retry.join.ship.priced-0");
    JsonNode links = control.get("/api/links");
    for (JsonNode link : links) {
      if (link.path("topic").asText().equals("koalja.join.priced")) {
        assertThat(link.path("readers").toString()).isEqualTo("[\"ship/priced\"]");
      }
    }
  }

  @Test
  void shouldNotMoveWhatWaitsToOtherPartitions() throws Exception {
    control.apply("move", join("{correlate: key}"));
    assertThat(
            control
                .apply("move", join("{correlate: key, keyedState: true}"))
                .path("changed")
                .asBoolean())
        .isTrue();
    try (Admin admin = TestKafka.admin()) {
      assertThat(admin.listTopics().names().get()).contains("koalja-keyed.move.ship");
    }
    JsonNode refused = control.apply("move", join("{correlate: none}"));
    assertThat(refused.path("status").asInt()).isEqualTo(422);
    assertThat(refused.path("detail").asText())
        .contains(
            "tasks.ship.snapshot.correlate needs 1 partition",
            "in 8 already",
            "koalja-state.move.ship");
    assertThat(
            control
                .apply("move", join("{correlate: key, timeout: {after: 1h, then: drop}}"))
                .path("revision")
                .asInt())
        .isEqualTo(3);
    JsonNode task = TestTasks.of(control, "move", "ship");
    assertThat(task.path("inputs")).hasSize(2);
    assertThat(task.path("lag").asLong()).isZero();
    assertThat(task.at("/snapshot/policy").asText()).isEqualTo("AllNew");
  }

  @Test
  void shouldNotMakeARevisionOfWhatIsInForce() throws Exception {
    assertThat(control.apply("same", task("earliest")).path("revision").asInt()).isEqualTo(1);
    JsonNode again = control.apply("same", task("earliest"));
    assertThat(again.path("revision").asInt()).isEqualTo(1);
    assertThat(again.path("changed").asBoolean()).isFalse();
    JsonNode changed =
        control.apply("same", task("earliest") + "types: [{name: O, schema: o.json}]");
    assertThat(changed.path("revision").asInt()).isEqualTo(2);
    assertThat(control.get("/api/pipelines/same").path("revision").asInt()).isEqualTo(2);
  }

  @Test
  void shouldLetANewReaderBeginAtTheEndWhenItSaysLatest() throws Exception {
    control.apply("latest", "links: [{name: order, partitions: 2, retention: 1d}]");
    post("/events/latest/order", 10);
    control.apply("latest", task("latest"));
    Map<String, Long> positions = positions("koalja.latest.price.order");
    assertThat(positions.get("koalja.latest.order-0") + positions.get("koalja.latest.order-1"))
        .isEqualTo(10);
    assertThat(positions).containsEntry("koalja-retry.latest.price.order-0", 0L);
  }

  @Test
  void shouldLetAReaderThatComesBackGoOnWhereItWas() throws Exception {
    control.apply("back", task("earliest"));
    post("/events/back/order", 4);
    TopicPartition first = new TopicPartition("koalja.back.order", 0);
    try (Admin admin = TestKafka.admin()) {
      admin
          .alterConsumerGroupOffsets(
              "koalja.back.price.order", Map.of(first, new OffsetAndMetadata(1, "a7")))
          .all()
          .get();
    }
    control.apply("back", "links: [{name: order, partitions: 2, retention: 1d}]");
    control.apply("back", task("latest"));
    assertThat(positions("koalja.back.price.order")).containsEntry("koalja.back.order-0", 1L);
  }

  /** Kafka forgets whole segments only, so a link needs several in the time it keeps its events. */
  @Test
  void shouldCutALinkIntoSegmentsThatFitHowLongItKeepsItsEvents() throws Exception {
    String links = "links: [{name: order, partitions: 1, retention: %s}]";
    control.apply("cut", links.formatted("2m"));
    assertThat(keeping("koalja.cut.order")).containsExactly("120000", "60000");
    control.apply("cut", links.formatted("100d"));
    assertThat(keeping("koalja.cut.order")).containsExactly("8640000000", "604800000");
    control.apply("cut", links.formatted("1h"));
    assertThat(keeping("koalja.cut.order")).containsExactly("3600000", "900000");
  }

  private static List<String> keeping(String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = TestKafka.admin()) {
      Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      return List.of(config.get("retention.ms").value(), config.get("segment.ms").value());
    }
  }

  @Test
  void shouldGrowPartitionsButNotShrinkThem() throws Exception {
    control.apply("grow", task("latest"));
    assertThat(
            control
                .apply("grow", task("latest").replace("partitions: 2", "partitions: 3"))
                .path("changed")
                .asBoolean())
        .isTrue();
    assertThat(positions("koalja.grow.price.order")).containsEntry("koalja.grow.order-2", 0L);
    JsonNode refused = control.apply("grow", task("latest"));
    assertThat(refused.path("status").asInt()).isEqualTo(422);
    assertThat(refused.path("detail").asText())
        .contains("links.order.partitions is 2", "only grow");
    assertThat(control.get("/api/pipelines/grow").path("revision").asInt()).isEqualTo(2);
  }

  @Test
  void shouldGiveAReaderAtWorkItsPositionOnNewPartitions() throws Exception {
    control.apply("busy", task("latest"));
    try (KafkaConsumer<byte[], byte[]> router =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                TestBroker.servers(),
                ConsumerConfig.GROUP_ID_CONFIG,
                "koalja.busy.price.order"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      router.subscribe(List.of("koalja.busy.order"));
      while (router.assignment().isEmpty()) {
        router.poll(Duration.ofMillis(100));
      }
      control.apply("busy", task("latest").replace("partitions: 2", "partitions: 4"));
      assertThat(positions("koalja.busy.price.order"))
          .containsEntry("koalja.busy.order-2", 0L)
          .containsEntry("koalja.busy.order-3", 0L);
    }
  }

  @Test
  void shouldKeepTheLastTenRevisionsOnTheTopic() throws Exception {
    for (int i = 1; i <= 13; i++) {
      control.apply("undo", "links: [{name: l%d, partitions: 1}]".formatted(i));
    }
    Map<String, String> compacted = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record :
        TestKafka.records(
            "koalja-definition",
            all -> all.stream().anyMatch(each -> text(each.value()).contains("\"revision\":13")))) {
      compacted.put(text(record.key()), text(record.value()));
    }
    compacted.values().removeIf(String::isEmpty);
    assertThat(compacted.keySet().stream().filter(key -> key.startsWith("undo/")))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Stream.of("undo/head"),
                    IntStream.rangeClosed(4, 13).mapToObj(i -> "undo/%d/link/l%d".formatted(i, i)))
                .toList());
  }

  @Test
  void shouldDetachAPipelineAndCountOnWhenItComesBack() throws Exception {
    control.apply("gone", task("earliest"));
    post("/events/gone/order", 1);
    assertThat(control.send("DELETE", "/api/pipelines/gone", "").statusCode()).isEqualTo(204);
    assertThat(control.send("GET", "/api/pipelines/gone", "").statusCode()).isEqualTo(404);
    given().post("/events/gone/order").then().statusCode(404);
    assertThat(control.send("DELETE", "/api/pipelines/gone", "").statusCode()).isEqualTo(404);
    assertThat(control.apply("gone", task("earliest")).path("revision").asInt()).isEqualTo(2);
    post("/events/gone/order", 1);
    assertThat(TestKafka.records("koalja.gone.order", 2)).hasSize(2);
  }

  @Test
  void shouldReportEveryProblemAndChangeNothing() throws Exception {
    HttpResponse<String> answer =
        control.send(
            "PUT",
            "/api/pipelines/broken",
            Control.file("broken", "tasks:\n- {name: BAD, function: {}, inputs: []}\nlinkz: []"));
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = Control.read(answer.body());
    assertThat(problem.path("problems").size()).isGreaterThan(2);
    assertThat(problem.path("problems").get(0).asText()).startsWith("broken.yaml:");
    assertThat(control.send("GET", "/api/pipelines/broken", "").statusCode()).isEqualTo(404);
    assertThat(
            control
                .send("PUT", "/api/pipelines/other", Control.file("broken", "links: [{name: a}]"))
                .statusCode())
        .isEqualTo(422);
  }

  @Test
  void shouldRefuseRequestsThatNameAnotherMachine() throws Exception {
    given()
        .baseUri(control.origin())
        .header("Host", "evil.example")
        .get("/api/pipelines")
        .then()
        .statusCode(401);
    given()
        .baseUri(control.origin())
        .header("Origin", "http://evil.example")
        .get("/api/pipelines")
        .then()
        .statusCode(401);
    assertThat(control.send("GET", "/api/pipelines", "").statusCode()).isEqualTo(200);
    assertThat(control.send("GET", "/api/nothing", "").statusCode()).isEqualTo(404);
    assertThat(control.send("POST", "/api/pipelines", "").statusCode()).isEqualTo(405);
  }
}
