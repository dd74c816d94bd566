package dev.koalja.router;

import static dev.koalja.platform.CommittedRecords.text;
import static dev.koalja.router.Breadboard.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.router.link.ReaderLimits;
import dev.koalja.router.reply.KilledLane;
import dev.koalja.router.reply.LaneProducer;
import dev.koalja.soak.Audit;
import dev.koalja.soak.Behaviour;
import dev.koalja.soak.Ledger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A router is killed in each of its first transactions, just before the commit or just after it,
 * and another one takes over: every event has one outcome, whatever the settings of its delivery.
 */
class RouterKilledIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int EVENTS = 60;
  private static final ReaderLimits PARKS_SOON =
      new ReaderLimits(10_000, 32 << 20, Duration.ofMillis(50));
  private static Breadboard board;

  /** Calls that were made with an event, by its data. */
  private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();

  @BeforeAll
  static void open(@TempDir Path folder) {
    board = new Breadboard(folder);
  }

  @AfterAll
  static void close() {
    board.close();
  }

  private int call(String data) {
    return calls.computeIfAbsent(data, _ -> new AtomicInteger()).incrementAndGet();
  }

  private static Definition define(String name, String delivery) throws Exception {
    return board.define(
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: %s}
        spec:
          tasks:
          - name: work
            function: {app: test}
            inputs: [{name: in, link: in}]
            outputs: [{name: result, link: out}]
            delivery: %s
          links:
          - {name: in, partitions: 1}
          - {name: out, partitions: 1}
        """
            .formatted(name, delivery));
  }

  /** Sends, lets one router be killed and another one finish, and looks at everything. */
  private void killed(String name, Definition definition, int in, boolean committed, int letters)
      throws Exception {
    List<Audit.Sent> sent = new ArrayList<>();
    List<KilledLane> lanes = new ArrayList<>();
    try (RouterOfParts _ =
        new RouterOfParts(
            board,
            definition,
            (kafka, id, admin) -> {
              KilledLane lane = new KilledLane(kafka, id, admin, in, committed);
              lanes.add(lane);
              return lane;
            },
            PARKS_SOON)) {
      for (int i = 0; i < EVENTS; i++) {
        String kind = i % 12 == 5 ? "sick" : i % 12 == 9 ? "dead" : "good";
        String data = kind + i;
        board.send(name, "in", "k" + i % 24, data);
        sent.add(
            new Audit.Sent("in", "e-" + data.hashCode() + "-" + data.length(), "k" + i % 24, true));
      }
      await().atMost(LIMIT).until(() -> lanes.getFirst().dead());
    }
    try (RouterOfParts _ = new RouterOfParts(board, definition, LaneProducer::new, PARKS_SOON)) {
      await().atMost(LIMIT).until(() -> inputs(name).size() >= EVENTS);
      Reader reader = definition.pipeline().readers().getFirst();
      await()
          .atMost(LIMIT)
          .until(
              () -> {
                var at =
                    board.committed(reader).get(new TopicPartition("koalja." + name + ".in", 0));
                return at.offset() == EVENTS && at.metadata().isEmpty();
              });
    }
    assertThat(inputs(name)).hasSize(EVENTS).doesNotHaveDuplicates();
    assertThat(board.read(TopicName.deadLetter(definition.pipeline().readers().getFirst())))
        .hasSize(letters);
    assertThat(board.read("koalja." + name + ".out").stream().map(each -> text(each)))
        .hasSize(EVENTS - letters)
        .doesNotHaveDuplicates();
    try (Ledger ledger = new Ledger(board.broker.bootstrapServers(), name)) {
      assertThat(Audit.of(definition.pipeline(), Behaviour.UNKNOWN, ledger.read(), sent).breaches())
          .isEmpty();
    }
  }

  private static List<Long> inputs(String pipeline) {
    return board.journal(pipeline).stream()
        .map(InvocationRecord::inputs)
        .flatMap(List::stream)
        .map(InputEvent::offset)
        .toList();
  }

  private static List<String> data(String batch) throws IOException {
    List<String> all = new ArrayList<>();
    for (JsonNode each : Json.MAPPER.readTree(batch)) {
      all.add(
          new String(
              Base64.getDecoder().decode(each.path("data_base64").asText()),
              StandardCharsets.UTF_8));
    }
    return all;
  }

  private static void answer(HttpExchange exchange, List<String> events) throws IOException {
    byte[] bytes = ("[" + String.join(",", events) + "]").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/cloudevents-batch+json");
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String result(String data) {
    return """
    {"specversion":"1.0","id":"r-%s","source":"/f","type":"done","datacontenttype":"text/plain","data":"%s"}"""
        .formatted(data, data);
  }

  private static String failure(int index, int status) {
    return """
    {"specversion":"1.0","id":"f%d","source":"/f","type":"dev.koalja.failure","koaljaindex":%d,"data":{"status":%d,"detail":"no"}}"""
        .formatted(index, index, status);
  }

  private static String name(String scenario, int in, boolean committed) {
    return "%s-%d-%s".formatted(scenario, in, committed ? "after" : "before");
  }

  @ParameterizedTest
  @CsvSource({"1,false", "2,true", "3,false"})
  void withBatchesOfWhichSomeEventsFail(int in, boolean committed) throws Exception {
    String name = name("batch", in, committed);
    Definition definition =
        define(name, "{attempts: 3, backoff: {delay: 1ms, max: 5ms}, batch: {max: 7}}");
    board.function(
        name,
        "work",
        (exchange, body) -> {
          List<String> data = data(body);
          List<String> answers = new ArrayList<>();
          for (int i = 0; i < data.size(); i++) {
            boolean sick = data.get(i).startsWith("sick") && call(data.get(i)) % 2 == 1;
            answers.add(
                data.get(i).startsWith("dead")
                    ? failure(i, 422)
                    : sick ? failure(i, 503) : result(data.get(i)));
          }
          answer(exchange, answers);
        });
    killed(name, definition, in, committed, EVENTS / 12);
  }

  @ParameterizedTest
  @CsvSource({"1,true", "2,false", "4,true"})
  void whileABatchIsHalvedToFindItsPoison(int in, boolean committed) throws Exception {
    String name = name("halves", in, committed);
    Definition definition =
        define(
            name,
            "{attempts: 2, maxInFlight: 32, backoff: {delay: 1ms, max: 5ms}, batch: {max: 16, linger: 20ms}}");
    board.function(
        name,
        "work",
        (exchange, body) -> {
          List<String> data = data(body);
          if (data.stream().anyMatch(each -> each.startsWith("dead"))) {
            exchange.sendResponseHeaders(500, -1);
          } else {
            answer(exchange, data.stream().map(RouterKilledIT::result).toList());
          }
        });
    killed(name, definition, in, committed, EVENTS / 12);
  }

  @ParameterizedTest
  @CsvSource({"1,false", "2,true", "3,false", "3,true", "5,false"})
  void whileEventsAreParked(int in, boolean committed) throws Exception {
    String name = name("parked", in, committed);
    Definition definition =
        define(name, "{attempts: 3, backoff: {policy: linear, delay: 120ms, max: 200ms}}");
    board.function(
        name,
        "work",
        (exchange, body) -> {
          int attempt = Integer.parseInt(exchange.getRequestHeaders().getFirst("Koalja-Attempt"));
          if (body.startsWith("dead") || body.startsWith("sick") && attempt < 3) {
            exchange.sendResponseHeaders(500, -1);
          } else {
            reply(exchange, body);
          }
        });
    killed(name, definition, in, committed, EVENTS / 12);
    assertThat(
            board.journal(name).stream()
                .filter(each -> each.inputs().getFirst().offset() % 12 == 9))
        .allSatisfy(each -> assertThat(each.attempts()).hasSize(3));
  }

  @ParameterizedTest
  @CsvSource({"1,false", "2,true"})
  void whileTheCircuitOpensAndCloses(int in, boolean committed) throws Exception {
    String name = name("circuit", in, committed);
    Definition definition =
        define(name, "{attempts: 100, backoff: {delay: 1ms, max: 5ms}, maxInFlight: 20}");
    AtomicInteger all = new AtomicInteger();
    board.function(
        name,
        "work",
        (exchange, body) -> {
          // works for ten calls, fails for twenty-two, and so on
          if (body.startsWith("dead")) {
            exchange.sendResponseHeaders(422, -1);
          } else if (all.getAndIncrement() % 32 >= 10) {
            exchange.sendResponseHeaders(503, -1);
          } else {
            reply(exchange, body);
          }
        });
    killed(name, definition, in, committed, EVENTS / 12);
  }
}
