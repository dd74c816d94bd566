package dev.koalja.router;

import static dev.koalja.platform.CommittedRecords.text;
import static dev.koalja.router.Breadboard.header;
import static dev.koalja.router.Breadboard.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.platform.CommittedRecords;
import dev.koalja.router.link.ReaderStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guarantees of a reader, against a real broker and real HTTP functions. */
class EventRouterIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static Breadboard board;

  @BeforeAll
  static void open(@TempDir Path folder) {
    board = new Breadboard(folder);
  }

  @AfterAll
  static void close() {
    board.close();
  }

  private static String pipeline(String name, String delivery) {
    return """
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
      - {name: in, partitions: 3}
      - {name: out, partitions: 3}
    """
        .formatted(name, delivery);
  }

  private static Map<String, List<String>> byKey(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, List<String>> keys = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      keys.computeIfAbsent(
              new String(record.key(), java.nio.charset.StandardCharsets.UTF_8),
              _ -> new ArrayList<>())
          .add(text(record));
    }
    return keys;
  }

  @Test
  void shouldAppendOneResultPerEventInOrderPerKeyWithOneJournalRecordEach() throws Exception {
    Definition definition = board.define(pipeline("plain", "{maxInFlight: 50}"));
    board.function("plain", "work", (exchange, body) -> reply(exchange, body));
    try (EventRouter router = board.router("plain")) {
      router.apply(definition);
      for (int i = 0; i < 600; i++) {
        board.send("plain", "in", "k" + i % 20, "%05d".formatted(i));
      }
      await().atMost(LIMIT).until(() -> board.read("koalja.plain.out").size() >= 600);
    }
    Map<String, List<String>> out = byKey(board.read("koalja.plain.out"));
    assertThat(out)
        .hasSize(20)
        .allSatisfy((_, values) -> assertThat(values).isSorted().hasSize(30));
    List<InvocationRecord> journal = board.journal("plain");
    assertThat(journal).hasSize(600).allMatch(each -> each.outcome() == Outcome.SUCCEEDED);
    assertThat(journal.stream().map(InvocationRecord::invocation).distinct()).hasSize(600);
  }

  @Test
  void shouldRunKeysOfOnePartitionSideBySideAndKeepTheirOrderWhileFinishingOutOfOrder()
      throws Exception {
    Definition definition =
        board.define(
            pipeline("keys", "{maxInFlight: 100}").replace("partitions: 3", "partitions: 1"));
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    board.function(
        "keys",
        "work",
        (exchange, body) -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          try {
            Thread.sleep(body.hashCode() % 7 * 3L + 5); // what the function does: take time
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
          running.decrementAndGet();
          reply(exchange, body);
        });
    for (int i = 0; i < 500; i++) {
      board.send("keys", "in", "k" + i % 50, "%05d".formatted(i));
    }
    try (EventRouter router = board.router("keys")) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> board.read("koalja.keys.out").size() >= 500);
    }
    assertThat(most.get()).isGreaterThan(10);
    assertThat(byKey(board.read("koalja.keys.out")))
        .allSatisfy((_, values) -> assertThat(values).isSorted().hasSize(10));
  }

  @Test
  void shouldNotLetASlowKeyDelayOthersAndNotRepeatWhatFinishedAboveItAfterARestart()
      throws Exception {
    Definition definition =
        board.define(pipeline("slow", "{timeout: 60s}").replace("partitions: 3", "partitions: 1"));
    CountDownLatch release = new CountDownLatch(1);
    Map<String, Integer> calls = new ConcurrentHashMap<>();
    board.function(
        "slow",
        "work",
        (exchange, body) -> {
          calls.merge(body, 1, Integer::sum);
          if (body.equals("slow")) {
            try {
              release.await();
            } catch (InterruptedException _) {
              Thread.currentThread().interrupt();
            }
          }
          reply(exchange, body);
        });
    EventRouter first = board.router("slow");
    first.apply(definition);
    board.send("slow", "in", "a", "slow");
    for (int i = 0; i < 200; i++) {
      board.send("slow", "in", "b" + i, "fast" + i);
    }
    await().atMost(LIMIT).until(() -> board.read("koalja.slow.out").size() == 200);
    Reader reader = definition.pipeline().readers().getFirst();
    assertThat(board.committed(reader).values()).anyMatch(each -> !each.metadata().isEmpty());
    Thread closing = Thread.ofVirtual().start(() -> first.close());
    release.countDown();
    closing.join();
    try (EventRouter second = board.router("slow")) {
      second.apply(definition);
      board.send("slow", "in", "c", "last");
      await().atMost(LIMIT).until(() -> board.read("koalja.slow.out").size() >= 202);
    }
    assertThat(board.read("koalja.slow.out")).hasSize(202);
    assertThat(calls).allSatisfy((_, count) -> assertThat(count).isEqualTo(1));
  }

  @Test
  void shouldDeadLetterAfterTheSetAttemptsAndLetEverythingElseFlow() throws Exception {
    Definition definition =
        board.define(
            pipeline("dead", "{attempts: 3, backoff: {delay: 10ms, max: 50ms}, maxInFlight: 50}"));
    board.function(
        "dead",
        "work",
        (exchange, body) -> {
          if (body.startsWith("bad")) {
            byte[] problem =
                "{\"status\":500,\"code\":201,\"detail\":\"no such sku\"}"
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/problem+json");
            exchange.sendResponseHeaders(500, problem.length);
            exchange.getResponseBody().write(problem);
          } else {
            reply(exchange, body);
          }
        });
    try (EventRouter router = board.router("dead")) {
      router.apply(definition);
      for (int i = 0; i < 100; i++) {
        board.send("dead", "in", "k" + i, (i % 10 == 0 ? "bad" : "good") + i);
      }
      await().atMost(LIMIT).until(() -> board.journal("dead").size() >= 100);
    }
    assertThat(board.read("koalja.dead.out")).hasSize(90);
    Reader reader = definition.pipeline().readers().getFirst();
    List<ConsumerRecord<byte[], byte[]>> letters = board.read(TopicName.deadLetter(reader));
    assertThat(letters).hasSize(10);
    ConsumerRecord<byte[], byte[]> letter = letters.getFirst();
    assertThat(text(letter)).startsWith("bad");
    assertThat(header(letter, "ce_knativeerrorcode")).isEqualTo("500");
    assertThat(header(letter, "ce_knativeerrordata")).isEqualTo("no such sku");
    assertThat(header(letter, "ce_knativeerrordest")).isEqualTo("/pipelines/dead/tasks/work");
    assertThat(header(letter, "ce_koaljaattempts")).isEqualTo("3");
    assertThat(header(letter, "ce_koaljacause")).isEqualTo("function-failed: no such sku");
    assertThat(letter.key()).isNotEmpty();
    assertThat(
            board.journal("dead").stream().filter(each -> each.outcome() == Outcome.DEAD_LETTERED))
        .hasSize(10)
        .allSatisfy(each -> assertThat(each.attempts()).hasSize(3));
  }

  @Test
  void shouldQuarantineWhatIsNoCloudEventAndGoOn() throws Exception {
    Definition definition =
        board.define(pipeline("garbage", "{}").replace("partitions: 3", "partitions: 1"));
    board.function("garbage", "work", (exchange, body) -> reply(exchange, body));
    String structured = "application/cloudevents+json";
    try (EventRouter router = board.router("garbage")) {
      router.apply(definition);
      board.sendGarbage("garbage", "in", "\u0000 not an event", Map.of());
      board.sendGarbage("garbage", "in", "{broken", Map.of("content-type", structured));
      board.sendGarbage("garbage", "in", "null", Map.of("content-type", structured));
      board.sendGarbage(
          "garbage", "in", "{\"specversion\":\"1.0\"}", Map.of("content-type", structured));
      board.sendGarbage("garbage", "in", "x", Map.of("ce_specversion", "9.9", "ce_id", "1"));
      board.sendGarbage("garbage", "in", "x", Map.of("content-type", "", "ce_time", "yesterday"));
      board.send("garbage", "in", "k", "event");
      await().atMost(LIMIT).until(() -> board.journal("garbage").size() == 7);
    }
    Reader reader = definition.pipeline().readers().getFirst();
    List<ConsumerRecord<byte[], byte[]>> quarantined = board.read(TopicName.quarantine(reader));
    assertThat(quarantined).hasSize(6);
    assertThat(text(quarantined.getFirst())).isEqualTo("\u0000 not an event");
    assertThat(quarantined)
        .allSatisfy(
            record -> {
              assertThat(header(record, "koalja-reason")).startsWith("no CloudEvent");
              assertThat(header(record, "koalja-topic")).isEqualTo("koalja.garbage.in");
            });
    assertThat(board.read("koalja.garbage.out")).hasSize(1);
  }

  @Test
  void shouldHoldBackOnlyTheReaderWhoseResultsCannotBeAppended() throws Exception {
    Definition stuck =
        board.define(pipeline("stuck", "{}").replace("partitions: 3", "partitions: 1"));
    Definition flowing = board.define(pipeline("flowing", "{}"));
    board.function("stuck", "work", (exchange, body) -> reply(exchange, body));
    board.function("flowing", "work", (exchange, body) -> reply(exchange, body));
    board.deleteTopic("koalja.stuck.out");
    try (EventRouter router = board.router("stuck")) {
      router.apply(stuck);
      router.apply(flowing);
      board.send("stuck", "in", "k", "1");
      await().atMost(LIMIT).until(() -> router.readers().getLast().buffered() == 1);
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  router
                      .readers()
                      .getLast()
                      .reason()
                      .orElse("")
                      .startsWith("what it did cannot be written, and is tried again: "));
      for (int i = 0; i < 20; i++) {
        board.send("flowing", "in", "k" + i, "event" + i);
      }
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> board.read("koalja.flowing.out").size() == 20);
      board.define(pipeline("stuck", "{}").replace("partitions: 3", "partitions: 1"));
      await().atMost(Duration.ofMinutes(2)).until(() -> board.read("koalja.stuck.out").size() == 1);
    }
  }

  @Test
  void shouldTakeNoMoreInThanFitsIntoTheOffsetMetadataAndGoOnAfterwards() throws Exception {
    Definition definition =
        board.define(pipeline("window", "{timeout: 2m}").replace("partitions: 3", "partitions: 1"));
    CountDownLatch release = new CountDownLatch(1);
    board.function(
        "window",
        "work",
        (exchange, body) -> {
          if (body.equals("slow")) {
            try {
              release.await();
            } catch (InterruptedException _) {
              Thread.currentThread().interrupt();
            }
          }
          reply(exchange, body);
        });
    try (EventRouter router = board.router("window", 78)) { // room for 376 offsets
      router.apply(definition);
      board.send("window", "in", "a", "slow");
      for (int i = 0; i < 1000; i++) {
        board.send("window", "in", "k" + i, "event" + i);
      }
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  router
                      .readers()
                      .getFirst()
                      .reason()
                      .orElse("")
                      .startsWith("waits for the event"));
      await().atMost(LIMIT).until(() -> board.read("koalja.window.out").size() == 375);
      release.countDown();
      await().atMost(LIMIT).until(() -> board.read("koalja.window.out").size() >= 1001);
    }
    assertThat(board.read("koalja.window.out")).hasSize(1001);
  }

  @Test
  void shouldHoldAReaderWithoutAPositionInsteadOfGuessing() throws Exception {
    Definition definition = board.define(pipeline("held", "{}"));
    board.function("held", "work", (exchange, body) -> reply(exchange, body));
    board.send("held", "in", "k", "event");
    board.forgetPosition(definition.pipeline().readers().getFirst());
    try (EventRouter router = board.router("held")) {
      router.apply(definition);
      await()
          .atMost(LIMIT)
          .until(() -> router.readers().getFirst().state() == ReaderStatus.State.HELD);
      assertThat(router.readers().getFirst().reason().orElseThrow())
          .startsWith("no committed offset for koalja");
      assertThat(board.read("koalja.held.out")).isEmpty();
    }
    try (EventRouter router = board.router("held")) {
      board.define(pipeline("held", "{}")); // somebody writes the positions again
      router.apply(definition);
      await().atMost(LIMIT).until(() -> board.read("koalja.held.out").size() == 1);
    }
  }

  @Test
  void shouldHandOverBetweenTwoRoutersWithoutLossOrRepetition() throws Exception {
    Definition definition = board.define(pipeline("two", "{maxInFlight: 20}"));
    board.function("two", "work", (exchange, body) -> reply(exchange, body));
    int events = 1500;
    List<EventRouter> routers = Collections.synchronizedList(new ArrayList<>());
    try {
      EventRouter first = board.router("two-a");
      routers.add(first);
      first.apply(definition);
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int i = 0; i < events; i++) {
                      board.send("two", "in", "k" + i % 30, "%05d".formatted(i));
                    }
                  });
      EventRouter second = board.router("two-b");
      routers.add(second);
      second.apply(definition);
      await().atMost(LIMIT).until(() -> board.read("koalja.two.out").size() > events / 3);
      routers.remove(first);
      first.close();
      sender.join();
      await().atMost(LIMIT).until(() -> board.read("koalja.two.out").size() >= events);
    } finally {
      routers.forEach(EventRouter::close);
    }
    Map<String, List<String>> out = byKey(board.read("koalja.two.out"));
    assertThat(out)
        .hasSize(30)
        .allSatisfy((_, values) -> assertThat(values).isSorted().hasSize(50));
    Set<String> distinct = new HashSet<>();
    out.values().forEach(distinct::addAll);
    assertThat(distinct).hasSize(events);
  }

  @Test
  void shouldFollowAChangeOfTheDefinitionLive() throws Exception {
    Definition one = board.define(pipeline("live", "{}"));
    board.function("live", "work", (exchange, body) -> reply(exchange, body));
    try (EventRouter router = board.router("live")) {
      router.apply(one);
      board.send("live", "in", "k", "1");
      await().atMost(LIMIT).until(() -> board.read("koalja.live.out").size() == 1);
      Definition two =
          board.define(pipeline("live", "{attempts: 2}").replace("link: out}", "link: other}"));
      router.apply(new Definition(two.pipeline(), 2));
      board.send("live", "in", "k", "2");
      await().atMost(LIMIT).until(() -> board.read("koalja.live.other").size() == 1);
      router.apply(new Definition(two.pipeline(), 3)); // which leaves its reader as it is
      board.send("live", "in", "k", "3");
      await().atMost(LIMIT).until(() -> board.read("koalja.live.other").size() == 2);
      router.remove("live");
      assertThat(router.readers()).isEmpty();
    }
    assertThat(board.read("koalja.live.out")).hasSize(1);
    assertThat(board.journal("live").stream().map(InvocationRecord::revision))
        .containsExactly(1L, 2L, 3L);
  }

  @Test
  void shouldGoOnWithATaskWhoseDataAloneLooksOtherwise() throws Exception {
    String typed =
        pipeline("typed", "{}").replace("link: in}", "link: in, schema: '{\"type\":\"string\"}'}");
    Definition one = board.define(typed);
    Definition two = board.define(typed.replace("string", "integer"));
    assertThat(two.pipeline()).isNotEqualTo(one.pipeline());
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    board.function(
        "typed",
        "work",
        (exchange, body) -> {
          calls.incrementAndGet();
          try {
            release.await();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
          reply(exchange, body);
        });
    try (EventRouter router = board.router("typed")) {
      router.apply(one);
      board.send("typed", "in", "k", "1");
      await().atMost(LIMIT).until(() -> calls.get() == 1);

      Instant begin = Instant.now();
      router.apply(new Definition(two.pipeline(), 2));

      // a reader that stops waits for its call, which here does not end
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(15));
      release.countDown();
      board.send("typed", "in", "k", "2");
      await().atMost(LIMIT).until(() -> board.journal("typed").size() == 2);
    }
    assertThat(calls).hasValue(2);
    assertThat(board.journal("typed").getLast().revision()).isEqualTo(2);
  }

  @Test
  void shouldNotWaitForPlacesThatOnlyTheChangeCanGive() throws Exception {
    Definition one = board.define(pipeline("mended", "{}"));
    board.function("mended", "work", (exchange, body) -> reply(exchange, body));
    board.withoutInstance("mended", "work", true);
    int before = board.functions.asked.get();
    try (EventRouter router = board.router("mended")) {
      router.apply(one);
      board.send("mended", "in", "k", "1");
      await().atMost(LIMIT).until(() -> board.functions.asked.get() > before);
      Definition two = board.define(pipeline("mended", "{attempts: 2}"));

      Instant begin = Instant.now();
      router.apply(new Definition(two.pipeline(), 2));

      // far below the 30 s that calls under way are given
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(15));
      board.withoutInstance("mended", "work", false);
      await().atMost(LIMIT).until(() -> board.read("koalja.mended.out").size() == 1);
      await().atMost(LIMIT).until(() -> !board.journal("mended").isEmpty());
    }
    assertThat(board.journal("mended"))
        .as("waiting was no attempt")
        .singleElement()
        .satisfies(record -> assertThat(record.attempts()).hasSize(1));
  }

  @Test
  void shouldSurviveABrokerKilledWhileEventsFlow(@TempDir Path folder) throws Exception {
    try (Breadboard own = new Breadboard(folder)) {
      Definition definition = own.define(pipeline("killed", "{maxInFlight: 30}"));
      own.function("killed", "work", (exchange, body) -> reply(exchange, body));
      try (EventRouter router = own.router("killed")) {
        router.apply(definition);
        IntStream.range(0, 400)
            .forEach(i -> own.send("killed", "in", "k" + i % 9, "%05d".formatted(i)));
        await().atMost(LIMIT).until(() -> own.read("koalja.killed.out").size() > 50);
        own.broker.kill9();
        own.broker.restart();
        IntStream.range(400, 800)
            .forEach(i -> own.send("killed", "in", "k" + i % 9, "%05d".formatted(i)));
        await().atMost(LIMIT).until(() -> own.read("koalja.killed.out").size() >= 800);
      }
      assertThat(own.read("koalja.killed.out").stream().map(CommittedRecords::text).distinct())
          .hasSize(800);
      assertThat(own.read("koalja.killed.out")).hasSize(800);
      assertThat(byKey(own.read("koalja.killed.out")))
          .allSatisfy((_, values) -> assertThat(values).isSorted());
    }
  }
}
