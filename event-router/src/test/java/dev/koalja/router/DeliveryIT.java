package dev.koalja.router;

import static dev.koalja.platform.CommittedRecords.text;
import static dev.koalja.router.Breadboard.header;
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
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.router.link.ReaderLimits;
import dev.koalja.router.link.ReaderStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings of {@code delivery}, against a real broker and real HTTP functions. */
class DeliveryIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Parks what waits for more than 100 ms. */
  private static final ReaderLimits PARKS_SOON =
      new ReaderLimits(10_000, 32 << 20, Duration.ofMillis(100));

  private static Breadboard board;

  @BeforeAll
  static void open(@TempDir Path folder) {
    board = new Breadboard(folder);
  }

  @AfterAll
  static void close() {
    board.close();
  }

  private static Definition define(String name, String delivery) throws Exception {
    return define(name, delivery, 1);
  }

  private static Definition define(String name, String delivery, int partitions) throws Exception {
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
          - {name: in, partitions: %d}
          - {name: out, partitions: 1}
        """
            .formatted(name, delivery, partitions));
  }

  private static Reader reader(Definition definition) {
    return definition.pipeline().readers().getFirst();
  }

  private static List<String> out(String pipeline) {
    return board.read("koalja." + pipeline + ".out").stream().map(each -> text(each)).toList();
  }

  private static void awaitOut(String pipeline, int events) {
    await().atMost(LIMIT).until(() -> out(pipeline).size() >= events);
  }

  private static void fail(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
  }

  private static List<ConsumerRecord<byte[], byte[]>> letters(Definition definition) {
    return board.read(TopicName.deadLetter(reader(definition)));
  }

  private static void awaitJournal(String pipeline, int records) {
    await().atMost(LIMIT).until(() -> board.journal(pipeline).size() >= records);
  }

  private static ReaderStatus status(EventRouter router) {
    return router.readers().getFirst();
  }

  // parking

  @Test
  void shouldParkALongWaitSoThatThePositionGoesOnAndOnlyItsKeyWaits() throws Exception {
    Definition definition =
        define("park", "{attempts: 20, backoff: {policy: linear, delay: 10m, max: 10m}}");
    AtomicBoolean works = new AtomicBoolean();
    board.function(
        "park",
        "work",
        (exchange, body) -> {
          if (body.startsWith("sick") && !works.get()) {
            fail(exchange, 500);
          } else {
            reply(exchange, body);
          }
        });
    TopicPartition in = new TopicPartition("koalja.park.in", 0);
    try (EventRouter router = board.router("park", PARKS_SOON)) {
      router.apply(definition);
      board.send("park", "in", "a", "sick-1");
      board.send("park", "in", "a", "behind-2");
      for (int i = 0; i < 300; i++) {
        board.send("park", "in", "k" + i % 7, "other-" + i);
      }
      awaitOut("park", 300);
      await().atMost(LIMIT).until(() -> status(router).parked() == 1);
      assertThat(out("park")).noneMatch(body -> body.startsWith("behind"));
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(board.committed(reader(definition)).get(in))
                      .satisfies(
                          position -> {
                            // it waits for the one behind, and not for the one that is parked
                            assertThat(position.offset()).isEqualTo(1);
                            assertThat(position.metadata()).startsWith("p1.");
                          }));
    }
    // whoever comes next knows that it is parked, and what waits behind it
    try (EventRouter router = board.router("park2", PARKS_SOON)) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> status(router).parked() == 1);
      board.send("park", "in", "k1", "later");
      awaitOut("park", 301);
      assertThat(out("park")).noneMatch(body -> body.startsWith("behind"));
    }
    assertThat(board.journal("park")).hasSize(301);
  }

  @Test
  void shouldGoOnWithAParkedEventInANewRouterAfterTheAttemptsItHad() throws Exception {
    Definition definition =
        define("parked", "{attempts: 3, backoff: {policy: linear, delay: 300ms, max: 300ms}}");
    Map<String, List<Integer>> attempts = new ConcurrentHashMap<>();
    AtomicBoolean works = new AtomicBoolean();
    board.function(
        "parked",
        "work",
        (exchange, body) -> {
          attempts
              .computeIfAbsent(body, _ -> Collections.synchronizedList(new ArrayList<>()))
              .add(Integer.parseInt(exchange.getRequestHeaders().getFirst("Koalja-Attempt")));
          if (body.startsWith("never") || body.startsWith("later") && !works.get()) {
            fail(exchange, 500);
          } else {
            reply(exchange, body);
          }
        });
    for (int i = 0; i < 10; i++) {
      board.send("parked", "in", "a" + i, "later-" + i);
      board.send("parked", "in", "a" + i, "then-" + i);
      board.send("parked", "in", "b" + i, "never-" + i);
    }
    try (EventRouter router = board.router("parked", PARKS_SOON)) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> status(router).parked() > 0);
    }
    works.set(true);
    try (EventRouter router = board.router("parked-2", PARKS_SOON)) {
      router.apply(definition);
      awaitJournal("parked", 30);
      await().atMost(LIMIT).until(() -> status(router).parked() == 0);
    }
    assertThat(out("parked")).hasSize(20).doesNotHaveDuplicates();
    for (int i = 0; i < 10; i++) {
      assertThat(out("parked")).containsSubsequence("later-" + i, "then-" + i);
      assertThat(attempts.get("never-" + i)).containsExactly(1, 2, 3);
    }
    assertThat(letters(definition)).hasSize(10);
    assertThat(board.journal("parked").stream().map(InvocationRecord::invocation))
        .hasSize(30)
        .doesNotHaveDuplicates();
    assertThat(board.journal("parked").stream().filter(each -> each.outcome() != Outcome.SUCCEEDED))
        .hasSize(10)
        .allSatisfy(each -> assertThat(each.attempts()).hasSize(3));
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(
                        board
                            .committed(reader(definition))
                            .get(new TopicPartition("koalja.parked.in", 0)))
                    .satisfies(
                        position -> {
                          assertThat(position.offset()).isEqualTo(30);
                          assertThat(position.metadata()).isEmpty();
                        }));
  }

  @Test
  void shouldGoOnWithAParkedEventThoughNothingElseEverComes() throws Exception {
    Definition definition =
        define("lonely", "{attempts: 20, backoff: {policy: linear, delay: 1s, max: 1s}}");
    AtomicBoolean works = new AtomicBoolean();
    board.function(
        "lonely",
        "work",
        (exchange, body) -> {
          if (works.get()) {
            reply(exchange, body);
          } else {
            fail(exchange, 500);
          }
        });
    board.send("lonely", "in", "a", "alone");
    try (EventRouter router = board.router("lonely", PARKS_SOON)) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> status(router).parked() == 1);
    }
    works.set(true);
    try (EventRouter router = board.router("lonely", PARKS_SOON)) {
      router.apply(definition);
      awaitOut("lonely", 1);
    }
  }

  @Test
  void shouldHoldAPartitionWhoseParkedEventsAreGone() throws Exception {
    Definition definition =
        define("unparked", "{attempts: 20, backoff: {policy: linear, delay: 10m, max: 10m}}");
    board.function("unparked", "work", (exchange, body) -> fail(exchange, 500));
    board.send("unparked", "in", "a", "sick");
    try (EventRouter router = board.router("unparked", PARKS_SOON)) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> status(router).parked() == 1);
    }
    board.deleteTopic("koalja-parked.unparked");
    board.define(
        dev.koalja.pipeline.yaml.PipelineWriter.yaml(definition.pipeline())); // empty once more
    try (EventRouter router = board.router("unparked", PARKS_SOON)) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> status(router).state() == ReaderStatus.State.HELD);
      assertThat(status(router).reason().orElseThrow())
          .isEqualTo(
              "1 events of koalja.unparked.in-0 are parked, and 0 are on koalja-parked.unparked");
    }
  }

  // time

  @Test
  void shouldGiveUpAtTheDeadlineWhateverAttemptsAreLeft() throws Exception {
    Definition definition =
        define(
            "deadline",
            "{attempts: 100, deadline: 2s, timeout: 1s, backoff: {delay: 200ms, max: 1h}}");
    board.function("deadline", "work", (exchange, body) -> fail(exchange, 503));
    try (EventRouter router = board.router("deadline")) {
      router.apply(definition);
      board.send("deadline", "in", "a", "late");
      await().atMost(LIMIT).until(() -> letters(definition).size() == 1);
    }
    assertThat(header(letters(definition).getFirst(), "ce_koaljacause"))
        .startsWith("deadline-exceeded: no time for attempt ");
    InvocationRecord record = board.journal("deadline").getFirst();
    assertThat(record.attempts().size()).isBetween(1, 6);
    assertThat(record.outcome()).isEqualTo(Outcome.DEAD_LETTERED);
  }

  @Test
  void shouldNotHandOverWhatIsOfNoUseAnyMore() throws Exception {
    Definition definition = define("expiry", "{}");
    Set<String> called = ConcurrentHashMap.newKeySet();
    board.function(
        "expiry",
        "work",
        (exchange, body) -> {
          called.add(body);
          reply(exchange, body);
        });
    try (EventRouter router = board.router("expiry")) {
      router.apply(definition);
      String past = Instant.now().minusSeconds(1).toString();
      String future = Instant.now().plusSeconds(600).toString();
      board.send("expiry", "in", "a", "old", Map.of("expirytime", past));
      board.send("expiry", "in", "a", "young", Map.of("expirytime", future));
      board.send("expiry", "in", "a", "odd", Map.of("expirytime", "tomorrow"));
      awaitJournal("expiry", 3);
    }
    assertThat(called).containsExactlyInAnyOrder("young", "odd");
    assertThat(letters(definition)).isEmpty();
    assertThat(board.journal("expiry").getFirst())
        .satisfies(
            record -> {
              assertThat(record.outcome()).isEqualTo(Outcome.EXPIRED);
              assertThat(record.error().orElseThrow().code()).isEqualTo("event-expired");
              assertThat(record.attempts()).isEmpty();
            });
  }

  // what came before, and from where

  @Test
  void shouldHandOverTheSameSourceAndIdOnceWithinTheWindowWhoeverReads() throws Exception {
    Definition definition = define("same", "{deduplicate: 1h}");
    board.function("same", "work", (exchange, body) -> reply(exchange, body));
    try (EventRouter router = board.router("same")) {
      router.apply(definition);
      for (int i = 0; i < 50; i++) {
        board.send("same", "in", "a", "first-" + i, Map.of("id", "id" + i));
        board.send("same", "in", "b", "again-" + i, Map.of("id", "id" + i));
      }
      awaitJournal("same", 100);
    }
    try (EventRouter router = board.router("same-2")) {
      router.apply(definition);
      for (int i = 0; i < 50; i++) {
        board.send("same", "in", "c", "third-" + i, Map.of("id", "id" + i));
        board.send("same", "in", "c", "other-" + i, Map.of("id", "id" + i, "source", "/other"));
      }
      awaitJournal("same", 200);
    }
    assertThat(out("same")).hasSize(100).noneMatch(each -> each.matches("(again|third).*"));
    assertThat(board.journal("same").stream().filter(each -> each.outcome() == Outcome.FILTERED))
        .hasSize(100)
        .allSatisfy(
            each -> {
              assertThat(each.error().orElseThrow().code()).isEqualTo("duplicate");
              assertThat(each.error().orElseThrow().cause())
                  .startsWith("the same source and id stand at offset ");
            });
  }

  @Test
  void shouldCountFunctionsOnTheWayAndEndWhatRunsInACircle() throws Exception {
    Definition definition = define("hops", "{maxHops: 3}");
    board.function("hops", "work", (exchange, body) -> reply(exchange, body));
    try (EventRouter router = board.router("hops")) {
      router.apply(definition);
      board.send("hops", "in", "a", "fresh");
      board.send("hops", "in", "a", "far", Map.of("koaljahops", "3"));
      board.send("hops", "in", "a", "too-far", Map.of("koaljahops", "4"));
      board.send("hops", "in", "a", "hostile", Map.of("koaljahops", "-99999999999999"));
      awaitJournal("hops", 4);
    }
    assertThat(board.read("koalja.hops.out").stream().map(each -> header(each, "ce_koaljahops")))
        .containsExactly("1", "4", "1");
    assertThat(header(letters(definition).getFirst(), "ce_koaljacause"))
        .startsWith("too-many-hops: it came through 4 functions, more than maxHops, which is 3");
  }

  @Test
  void shouldPutDeadLettersOnALinkTooWhereATaskDealsWithThem() throws Exception {
    Definition definition = define("letters", "{attempts: 1, deadLetter: failures}");
    board.function("letters", "work", (exchange, body) -> fail(exchange, 422));
    try (EventRouter router = board.router("letters")) {
      router.apply(definition);
      board.send("letters", "in", "a", "bad");
      await().atMost(LIMIT).until(() -> board.read("koalja.letters.failures").size() == 1);
    }
    assertThat(letters(definition)).hasSize(1);
    ConsumerRecord<byte[], byte[]> copy = board.read("koalja.letters.failures").getFirst();
    assertThat(text(copy)).isEqualTo("bad");
    assertThat(header(copy, "ce_knativeerrorcode")).isEqualTo("422");
    assertThat(board.journal("letters").getFirst().outputs())
        .extracting(InvocationRecord.OutputEvent::link)
        .containsExactly("", "failures");
  }

  // how much

  @Test
  void shouldBeginNoMoreCallsInATimeThanTheRate() throws Exception {
    Definition definition = define("rate", "{rate: 20/s}");
    List<Long> calls = Collections.synchronizedList(new ArrayList<>());
    board.function(
        "rate",
        "work",
        (exchange, body) -> {
          calls.add(System.nanoTime());
          reply(exchange, body);
        });
    for (int i = 0; i < 60; i++) {
      board.send("rate", "in", "k" + i, "" + i);
    }
    try (EventRouter router = board.router("rate")) {
      router.apply(definition);
      awaitOut("rate", 60);
    }
    // a slow machine only makes it longer
    assertThat(Duration.ofNanos(calls.getLast() - calls.getFirst()))
        .isGreaterThan(Duration.ofMillis(2500));
  }

  @Test
  void shouldKeepToTheBytesInFlight() throws Exception {
    Definition definition = define("bytes", "{maxInFlightBytes: 8KiB}");
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    board.function(
        "bytes",
        "work",
        (exchange, body) -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          await().pollDelay(Duration.ofMillis(20)).until(() -> true);
          running.decrementAndGet();
          reply(exchange, body.substring(0, 5));
        });
    for (int i = 0; i < 40; i++) {
      board.send("bytes", "in", "k" + i, "%05d".formatted(i) + "x".repeat(i == 7 ? 20_000 : 2000));
    }
    try (EventRouter router = board.router("bytes")) {
      router.apply(definition);
      awaitOut("bytes", 40);
    }
    assertThat(most.get()).isBetween(2, 3);
  }

  @Test
  void shouldSpareAFunctionThatOnlyFailsAndBeginSlowlyOnceItWorks() throws Exception {
    Definition definition =
        define("spare", "{attempts: 2, maxInFlight: 100, backoff: {delay: 1ms, max: 1ms}}");
    AtomicBoolean works = new AtomicBoolean();
    AtomicInteger failed = new AtomicInteger();
    AtomicInteger running = new AtomicInteger();
    List<Integer> side = Collections.synchronizedList(new ArrayList<>());
    board.function(
        "spare",
        "work",
        (exchange, body) -> {
          int now = running.incrementAndGet();
          if (works.get()) {
            side.add(now);
            await().pollDelay(Duration.ofMillis(10)).until(() -> true);
          }
          running.decrementAndGet();
          if (works.get()) {
            reply(exchange, body);
          } else {
            failed.incrementAndGet();
            fail(exchange, 503);
          }
        });
    for (int i = 0; i < 1000; i++) {
      board.send("spare", "in", "k" + i, "%04d".formatted(i));
    }
    try (EventRouter router = board.router("spare")) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> status(router).circuitOpen());
      assertThat(status(router).reason().orElseThrow()).startsWith("circuit open: ");
      // it is tried again, with few
      int before = failed.get();
      await().atMost(LIMIT).until(() -> failed.get() > before);
      assertThat(failed.get()).isLessThan(300);
      works.set(true);
      awaitJournal("spare", 1000);
      assertThat(status(router).circuitOpen()).isFalse();
    }
    // not all at once: with each answer one more at most
    for (int i = 0; i < 50; i++) {
      assertThat(side.get(i)).isLessThanOrEqualTo(i + 1);
    }
    int letters = letters(definition).size();
    assertThat(out("spare")).hasSize(1000 - letters).doesNotHaveDuplicates();
    assertThat(letters).isLessThan(150);
  }

  // batches

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/cloudevents-batch+json");
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String event(String type, String id, String attributes, String data) {
    return """
    {"specversion":"1.0","id":"%s","source":"/f","type":"%s"%s,"datacontenttype":"text/plain","data":"%s"}"""
        .formatted(id, type, attributes, data);
  }

  private static List<String> data(JsonNode batch) {
    List<String> all = new ArrayList<>();
    batch.forEach(
        each ->
            all.add(
                new String(
                    java.util.Base64.getDecoder().decode(each.path("data_base64").asText()),
                    StandardCharsets.UTF_8)));
    return all;
  }

  @Test
  void shouldHandOverManyInOneCallAndCommitThemTogether() throws Exception {
    Definition definition = define("batch", "{batch: {max: 50, linger: 200ms}}");
    List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
    board.function(
        "batch",
        "work",
        (exchange, body) -> {
          List<String> data = data(Json.MAPPER.readTree(body));
          sizes.add(data.size());
          String sum = data.getFirst() + "+" + data.size();
          answer(
              exchange,
              "["
                  + event(
                      "sum",
                      exchange.getRequestHeaders().getFirst("Koalja-Invocation") + ".0",
                      "",
                      sum)
                  + "]");
        });
    for (int i = 0; i < 500; i++) {
      board.send("batch", "in", "k" + i, "%04d".formatted(i));
    }
    try (EventRouter router = board.router("batch")) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> inputs("batch").size() >= 500);
    }
    assertThat(sizes).allMatch(size -> size <= 50).hasSizeLessThan(100);
    assertThat(inputs("batch")).hasSize(500).doesNotHaveDuplicates();
    assertThat(board.journal("batch")).hasSize(sizes.size());
    assertThat(out("batch")).hasSize(sizes.size());
    assertThat(board.committed(reader(definition)).get(new TopicPartition("koalja.batch.in", 0)))
        .satisfies(position -> assertThat(position.offset()).isEqualTo(500));
  }

  private static List<Long> inputs(String pipeline) {
    return board.journal(pipeline).stream()
        .flatMap(each -> each.inputs().stream())
        .map(InputEvent::offset)
        .toList();
  }

  @Test
  void shouldTryAgainOnlyWhatTheFunctionNamesOfABatch() throws Exception {
    Definition definition =
        define("partial", "{attempts: 2, backoff: {delay: 1ms, max: 1ms}, batch: {max: 20}}");
    Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
    board.function(
        "partial",
        "work",
        (exchange, body) -> {
          List<String> answers = new ArrayList<>();
          List<String> data = data(Json.MAPPER.readTree(body));
          for (int i = 0; i < data.size(); i++) {
            int call =
                calls.computeIfAbsent(data.get(i), _ -> new AtomicInteger()).incrementAndGet();
            String index = ",\"koaljaindex\":" + i;
            switch (data.get(i).charAt(0)) {
              case 'r' -> answers.add(event("dev.koalja.failure", "x" + i, index, "no matter"));
              case 't' ->
                  answers.add(
                      "{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"/f\",\"type\":\"dev.koalja.failure\",\"koaljaindex\":%d,\"data\":{\"status\":422,\"detail\":\"I do not like it\"}}"
                          .formatted(i));
              case 'o' -> {
                if (call == 1) {
                  answers.add(event("dev.koalja.failure", "x" + i, index, "once"));
                } else {
                  answers.add(event("done", "d" + data.get(i), "", data.get(i)));
                }
              }
              default -> answers.add(event("done", "d" + data.get(i), "", data.get(i)));
            }
          }
          answer(exchange, "[" + String.join(",", answers) + "]");
        });
    for (int i = 0; i < 100; i++) {
      String kind =
          i % 10 == 3 ? "retry" : i % 10 == 5 ? "terminal" : i % 10 == 7 ? "once" : "good";
      board.send("partial", "in", "k" + i, kind + i);
    }
    try (EventRouter router = board.router("partial")) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> inputs("partial").size() >= 100);
    }
    assertThat(inputs("partial")).hasSize(100).doesNotHaveDuplicates();
    assertThat(out("partial"))
        .hasSize(80)
        .doesNotHaveDuplicates()
        .noneMatch(each -> each.startsWith("r") || each.startsWith("t"));
    assertThat(letters(definition)).hasSize(20);
    assertThat(calls.get("retry3").get()).isEqualTo(2);
    assertThat(calls.get("terminal5").get()).isEqualTo(1);
    assertThat(calls.get("once7").get()).isEqualTo(2);
    assertThat(calls.get("good1").get()).isEqualTo(1);
    assertThat(
            letters(definition).stream()
                .filter(each -> text(each).equals("terminal5"))
                .map(each -> header(each, "ce_knativeerrordata")))
        .containsExactly("I do not like it");
  }

  @Test
  void shouldFindThePoisonOfABatchThatFailsAsAWhole() throws Exception {
    Definition definition =
        define(
            "poison",
            "{attempts: 2, backoff: {delay: 1ms, max: 1ms}, batch: {max: 64, linger: 50ms}}");
    List<Integer> failedSizes = Collections.synchronizedList(new ArrayList<>());
    board.function(
        "poison",
        "work",
        (exchange, body) -> {
          List<String> data = data(Json.MAPPER.readTree(body));
          if (data.contains("poison")) {
            failedSizes.add(data.size());
            fail(exchange, 500);
          } else {
            List<String> answers = new ArrayList<>();
            data.forEach(each -> answers.add(event("done", "d" + each, "", each)));
            answer(exchange, "[" + String.join(",", answers) + "]");
          }
        });
    IntStream.range(0, 200)
        .forEach(i -> board.send("poison", "in", "k" + i, i == 100 ? "poison" : "good" + i));
    try (EventRouter router = board.router("poison")) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> inputs("poison").size() >= 200);
    }
    assertThat(inputs("poison")).hasSize(200).doesNotHaveDuplicates();
    assertThat(out("poison")).hasSize(199).doesNotHaveDuplicates();
    assertThat(letters(definition)).hasSize(1);
    // alone twice, as it has two attempts; in larger ones no oftener than it takes to halve them
    assertThat(failedSizes.stream().filter(size -> size == 1)).hasSize(2);
    assertThat(failedSizes).hasSizeLessThan(10);
  }

  @Test
  void shouldFindWhichEventOfABatchHasAResultThatCannotBeAppended() throws Exception {
    Definition definition = define("wrong-result", "{batch: {max: 64, linger: 50ms}}");
    board.function(
        "wrong-result",
        "work",
        (exchange, body) -> {
          List<String> answers = new ArrayList<>();
          for (String each : data(Json.MAPPER.readTree(body))) {
            String output = each.equals("wrong") ? ",\"koaljaoutput\":\"nowhere\"" : "";
            answers.add(event("done", "d" + each, output, each));
          }
          answer(exchange, "[" + String.join(",", answers) + "]");
        });
    IntStream.range(0, 100)
        .forEach(i -> board.send("wrong-result", "in", "k" + i, i == 50 ? "wrong" : "good" + i));
    try (EventRouter router = board.router("wrong-result")) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> inputs("wrong-result").size() >= 100);
    }
    assertThat(inputs("wrong-result")).hasSize(100).doesNotHaveDuplicates();
    assertThat(out("wrong-result")).hasSize(99).doesNotHaveDuplicates();
    ConsumerRecord<byte[], byte[]> letter = letters(definition).getFirst();
    assertThat(letters(definition)).hasSize(1);
    assertThat(text(letter)).isEqualTo("wrong");
    assertThat(header(letter, "ce_type")).isEqualTo("test.event");
    assertThat(header(letter, "ce_partitionkey")).isEqualTo("k50");
    assertThat(header(letter, "ce_koaljacause"))
        .isEqualTo("unknown-output: task work has no output \"nowhere\"");
  }

  @Test
  void shouldNotTakeAFailureWithoutItsEventForSuccess() throws Exception {
    Definition definition =
        define("nameless", "{attempts: 1, batch: {max: 16, linger: 50ms}, deadLetter: failures}");
    board.function(
        "nameless",
        "work",
        (exchange, body) -> {
          List<String> answers = new ArrayList<>();
          for (String each : data(Json.MAPPER.readTree(body))) {
            switch (each) {
              case "none" -> answers.add(event("dev.koalja.failure", "x", "", each));
              case "beyond" ->
                  answers.add(event("dev.koalja.failure", "x", ",\"koaljaindex\":16", each));
              case "word" ->
                  answers.add(event("dev.koalja.failure", "x", ",\"koaljaindex\":\"-1\"", each));
              default -> answers.add(event("done", "d" + each, "", each));
            }
          }
          answer(exchange, "[" + String.join(",", answers) + "]");
        });
    List<String> sick = List.of("none", "beyond", "word");
    for (int i = 0; i < 60; i++) {
      board.send("nameless", "in", "k" + i, i % 20 == 7 ? sick.get(i / 20) : "good" + i);
    }
    try (EventRouter router = board.router("nameless")) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> inputs("nameless").size() >= 60);
    }
    assertThat(inputs("nameless")).hasSize(60).doesNotHaveDuplicates();
    assertThat(out("nameless")).hasSize(57).allMatch(each -> each.startsWith("good"));
    assertThat(letters(definition))
        .extracting(letter -> text(letter))
        .containsExactlyInAnyOrderElementsOf(sick);
    assertThat(letters(definition))
        .extracting(letter -> header(letter, "ce_koaljacause"))
        .contains(
            "bad-reply: dev.koalja.failure names event 16 of a batch of 1 in its koaljaindex",
            "bad-reply: dev.koalja.failure names event -1 of a batch of 1 in its koaljaindex")
        .allMatch(cause -> cause.startsWith("bad-reply: dev.koalja.failure names event "));
  }

  @Test
  void shouldSpendNoneOfARateOnPartitionsThatAreOthersNow() throws Exception {
    Definition definition = define("handed-over", "{rate: 10/m}", 2);
    board.function("handed-over", "work", (exchange, body) -> reply(exchange, body));
    for (int i = 0; i < 100; i++) {
      board.send("handed-over", "in", "k" + i, "e" + i);
    }
    try (EventRouter first = board.router("handed-over-1");
        EventRouter second = board.router("handed-over-2")) {
      first.apply(definition);
      await().atMost(LIMIT).until(() -> status(first).buffered() > 80);
      second.apply(definition);
      // at this rate it would take minutes until the turn of each had come
      await()
          .atMost(LIMIT)
          .until(() -> status(second).buffered() > 0 && status(first).buffered() < 70);
    }
    assertThat(out("handed-over")).doesNotHaveDuplicates();
  }
}
