package dev.koalja.router;

import static dev.koalja.platform.CommittedRecords.text;
import static dev.koalja.router.Breadboard.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.router.link.ReaderStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Joins and windows, against a real broker and real HTTP functions. */
class SnapshotIT {
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

  /** A task that answers with what it was given, such as {@code a: a1 | b: b1}. */
  private static Definition task(String name, String snapshot, String... inputs) throws Exception {
    board.function(name, "join", (exchange, body) -> Breadboard.reply(exchange, shown(body)));
    return board.define(
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: %s}
        spec:
          tasks:
          - name: join
            function: {app: test}
            inputs: [%s]
            outputs: [{name: result, link: out}]
            snapshot: %s
            delivery: {attempts: 2, backoff: {delay: 10ms}}
          links: [{name: out, partitions: 1}, {name: one, partitions: 1}]
        """
            .formatted(name, String.join(", ", inputs), snapshot));
  }

  private static String shown(String batch) throws IOException {
    Map<String, List<String>> inputs = new TreeMap<>();
    for (JsonNode event : Json.MAPPER.readTree(batch)) {
      List<String> values =
          inputs.computeIfAbsent(event.path("koaljainput").asText(), _ -> new ArrayList<>());
      assertThat(event.path("koaljaindex").asInt()).isEqualTo(values.size());
      values.add(
          new String(
              Base64.getDecoder().decode(event.path("data_base64").asText()),
              StandardCharsets.UTF_8));
    }
    List<String> shown = new ArrayList<>();
    inputs.forEach((input, values) -> shown.add(input + ": " + String.join(" ", values)));
    return String.join(" | ", shown);
  }

  private static List<String> results(String name) {
    return board.read("koalja.%s.out".formatted(name)).stream()
        .map(record -> text(record))
        .toList();
  }

  private static void awaitResults(EventRouter router, String name, int count) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(results(name))
                    .as(
                        () ->
                            "%d results; readers %s, %d snapshots, journal %s"
                                .formatted(
                                    count,
                                    router.readers(),
                                    board.read("koalja-snapshots." + name + ".join").size(),
                                    board.journal(name)))
                    .hasSizeGreaterThanOrEqualTo(count));
  }

  @Test
  void shouldJoinEventsOfTheSameKeyWhateverTheirOrder() throws Exception {
    Definition definition =
        task("byk", "{policy: AllNew}", "{name: a, link: left}", "{name: b, link: right}");
    List<String> events = new ArrayList<>();
    List<String> wanted = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      events.add("left " + i);
      events.add("right " + i);
      wanted.add("a: left-%d | b: right-%d".formatted(i, i));
    }
    java.util.Collections.shuffle(events, new Random(7));
    try (EventRouter router = board.router("byk")) {
      router.apply(definition);
      for (String event : events) {
        String[] words = event.split(" ");
        board.send("byk", words[0], "k" + words[1], words[0] + "-" + words[1]);
      }
      awaitResults(router, "byk", 200);
      assertThat(router.waiting(Optional.empty(), 10)).isEmpty();
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(router.readers())
                      .allMatch(each -> each.lag() == 0 && each.buffered() == 0));
    }
    assertThat(results("byk")).containsExactlyInAnyOrderElementsOf(wanted);
    List<InvocationRecord> journal = board.journal("byk");
    assertThat(journal).hasSize(200);
    assertThat(journal)
        .allSatisfy(
            each -> {
              assertThat(each.outcome()).isEqualTo(Outcome.SUCCEEDED);
              assertThat(each.inputs())
                  .extracting(InvocationRecord.InputEvent::link)
                  .containsExactly("left", "right");
              assertThat(each.inputs())
                  .allSatisfy(input -> assertThat(input.topic()).startsWith("koalja.byk."));
            });
  }

  @Test
  void shouldHaveNothingToDoWhileAJoinWaitsForAnotherInput() throws Exception {
    board.function("quiet", "make", (exchange, body) -> Breadboard.reply(exchange, body));
    board.function("quiet", "join", (exchange, body) -> Breadboard.reply(exchange, shown(body)));
    Definition definition =
        board.define(
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata: {name: quiet}
            spec:
              tasks:
              - name: make
                function: {app: test}
                inputs: [{name: in, link: in}]
                outputs: [{name: result, link: made}]
              - name: join
                function: {app: test}
                inputs: [{name: made, link: made}, {name: other, link: other}]
                outputs: [{name: result, link: out}]
                snapshot: {timeout: {after: 1h}}
            """);
    try (EventRouter router = board.router("quiet")) {
      router.apply(definition);
      board.send("quiet", "in", "ann", "one");
      await().atMost(LIMIT).until(() -> router.waiting(Optional.empty(), 1).size() == 1);
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(router.readers())
                      .allMatch(each -> each.lag() == 0 && each.buffered() == 0));
    }
  }

  @Test
  void shouldSlideOverAWholeLink() throws Exception {
    Definition definition = task("win", "{}", "{name: in, link: one, length: 4, slide: 2}");
    try (EventRouter router = board.router("win")) {
      router.apply(definition);
      for (int i = 1; i <= 8; i++) {
        board.send("win", "one", "k" + i, String.valueOf(i));
      }
      awaitResults(router, "win", 3);
    }
    assertThat(results("win")).containsExactly("in: 1 2 3 4", "in: 3 4 5 6", "in: 5 6 7 8");
  }

  @Test
  void shouldCompleteWhatAnotherRouterBegan() throws Exception {
    Definition definition = task("two", "{}", "{name: a, link: left}", "{name: b, link: right}");
    try (EventRouter first = board.router("two-1")) {
      first.apply(definition);
      for (int i = 0; i < 50; i++) {
        board.send("two", "left", "k" + i, "left-" + i);
      }
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(first.waiting(Optional.empty(), 100)).hasSize(50));
      List<EventRouter.WaitingSnapshot> one = first.waiting(Optional.of("k7"), 10);
      assertThat(one).hasSize(1);
      assertThat(one.getFirst().waiting().key()).isEqualTo("k7");
    }
    try (EventRouter second = board.router("two-2")) {
      second.apply(definition);
      for (int i = 0; i < 50; i++) {
        board.send("two", "right", "k" + i, "right-" + i);
      }
      awaitResults(second, "two", 50);
    }
    assertThat(results("two")).hasSize(50).contains("a: left-7 | b: right-7");
  }

  @Test
  void shouldDeadLetterWhatWaitedForTooLong() throws Exception {
    Definition definition =
        task(
            "late",
            "{timeout: {after: 1s, then: deadletter}}",
            "{name: a, link: left}",
            "{name: b, link: right}");
    Reader input = definition.pipeline().readers().getFirst();
    try (EventRouter router = board.router("late")) {
      router.apply(definition);
      board.send("late", "left", "ann", "left-ann");
      await().atMost(LIMIT).until(() -> !board.read(TopicName.deadLetter(input)).isEmpty());
      assertThat(router.waiting(Optional.empty(), 10)).isEmpty();
    }
    var letter = board.read(TopicName.deadLetter(input)).getFirst();
    assertThat(text(letter)).isEqualTo("left-ann");
    assertThat(header(letter, "ce_koaljacause")).startsWith("snapshot-expired: ").contains("b");
    assertThat(board.journal("late"))
        .hasSize(1)
        .allMatch(each -> each.outcome() == Outcome.DEAD_LETTERED);
  }

  @Test
  void shouldFireWithWhatIsThereWhenToldTo() throws Exception {
    Definition definition =
        task(
            "part",
            "{timeout: {after: 500ms, then: partial}}",
            "{name: a, link: left}",
            "{name: b, link: right}");
    try (EventRouter router = board.router("part")) {
      router.apply(definition);
      board.send("part", "right", "ann", "only");
      awaitResults(router, "part", 1);
    }
    assertThat(results("part")).containsExactly("b: only");
  }

  @Test
  void shouldKeepAndJournalWhatAFilterRefuses() throws Exception {
    Definition definition =
        task(
            "filter",
            "{}",
            "{name: a, link: left, filters: [{data: {pointer: /total, greaterThan: 10}}]}",
            "{name: b, link: right}");
    try (EventRouter router = board.router("filter")) {
      router.apply(definition);
      board.send("filter", "left", "ann", "no json");
      board.send("filter", "right", "ann", "right");
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                assertThat(board.journal("filter")).hasSize(1);
                assertThat(router.waiting(Optional.empty(), 10)).hasSize(1);
              });
    }
    InvocationRecord refused = board.journal("filter").getFirst();
    assertThat(refused.outcome()).isEqualTo(Outcome.FILTERED);
    assertThat(refused.error().orElseThrow().code()).isEqualTo("filtered");
  }

  @Test
  void shouldRememberAStateOfEachKeyAcrossRouters() throws Exception {
    Definition definition = task("keyed", "{keyedState: true}", "{name: a, link: left}");
    board.function("keyed", "join", SnapshotIT::count);
    for (String slot : List.of("keyed-1", "keyed-2")) {
      try (EventRouter router = board.router(slot)) {
        router.apply(definition);
        int before = results("keyed").size();
        for (int i = 0; i < 30; i++) {
          board.send("keyed", "left", "k" + i % 3, slot + i);
        }
        awaitResults(router, "keyed", before + 30);
      }
    }
    List<String> counts = new ArrayList<>();
    for (int count = 1; count <= 20; count++) {
      counts.addAll(List.of("" + count, "" + count, "" + count));
    }
    assertThat(results("keyed")).containsExactlyInAnyOrderElementsOf(counts);
  }

  /** Answers with how many events of the key there were, and remembers it. */
  private static void count(HttpExchange exchange, String batch) throws IOException {
    int count = 1;
    for (JsonNode event : Json.MAPPER.readTree(batch)) {
      if (event.path("koaljainput").asText().equals("koalja-state")) {
        count += event.path("data").asInt();
      }
    }
    byte[] answer =
        """
        [{"specversion": "1.0", "id": "%1$s.0", "source": "/t", "type": "count",
          "datacontenttype": "text/plain", "data": "%2$d"},
         {"specversion": "1.0", "id": "%1$s.1", "source": "/t", "type": "count",
          "koaljaoutput": "koalja-state", "datacontenttype": "application/json", "data": %2$d}]
        """
            .formatted(exchange.getRequestHeaders().getFirst("Koalja-Invocation"), count)
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("content-type", "application/cloudevents-batch+json");
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
  }

  @Test
  void shouldPassOrDropInAFilterTaskWithoutAnyFunction() throws Exception {
    Definition definition =
        board.define(
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata: {name: diode}
            spec:
              tasks:
              - name: odd
                filter: [{sql: "partitionkey LIKE '%1'"}]
                inputs: [{name: in, link: in}]
                outputs: [{name: passed, link: out}]
              links: [{name: out, partitions: 1}]
            """);
    try (EventRouter router = board.router("diode")) {
      router.apply(definition);
      for (int i = 0; i < 20; i++) {
        board.send("diode", "in", "k" + i, "event-" + i);
      }
      await().atMost(LIMIT).until(() -> board.journal("diode").size() == 20);
    }
    assertThat(results("diode")).containsExactlyInAnyOrder("event-1", "event-11");
    assertThat(board.journal("diode").stream().filter(each -> each.outcome() == Outcome.FILTERED))
        .hasSize(18);
  }

  /** What stands on the topics of a join, as {@link #task} defines it. */
  private static String topic(String kind, String name) {
    return "koalja-%s.%s.join".formatted(kind, name);
  }

  private static Definition join(String name) throws Exception {
    return task(name, "{correlate: none}", "{name: a, link: left}", "{name: b, link: right}");
  }

  /** An event of a join waits, and no router runs. */
  private static Definition half(String name) throws Exception {
    Definition definition = join(name);
    try (EventRouter router = board.router(name)) {
      router.apply(definition);
      board.send(name, "left", "ann", "left");
      await().atMost(LIMIT).until(() -> router.waiting(Optional.empty(), 1).size() == 1);
    }
    return definition;
  }

  private static void awaitHeld(EventRouter router, String... reasons) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(router.readers())
                    .filteredOn(each -> each.input().equals("arrivals"))
                    .singleElement()
                    .satisfies(
                        each -> {
                          assertThat(each.reason()).get().asString().contains(reasons);
                          assertThat(each.state()).isEqualTo(ReaderStatus.State.HELD);
                        }));
  }

  /** What an operator does when arrivals or state are lost: both are begun anew. */
  private static Definition begunAnew(String name) throws Exception {
    board.deleteTopic(topic("arrivals", name));
    board.deleteTopic(topic("state", name));
    return join(name);
  }

  @Test
  void shouldHoldWhenItsStateIsDeletedAndGoOnBegunAnew() throws Exception {
    Definition definition = half("gone");
    board.deleteTopic(topic("state", "gone"));
    join("gone");
    try (EventRouter router = board.router("gone")) {
      router.apply(definition);
      board.send("gone", "right", "ann", "right");
      awaitHeld(router, topic("state", "gone"), "is gone");
    }
    assertThat(results("gone")).isEmpty();
    begunAnew("gone");
    try (EventRouter router = board.router("gone")) {
      router.apply(definition);
      board.send("gone", "left", "bob", "after");
      board.send("gone", "right", "bob", "after");
      awaitResults(router, "gone", 1);
    }
    assertThat(results("gone")).containsExactly("a: after | b: after");
  }

  @Test
  void shouldHoldWhenItsStateIsTruncatedAndGoOnBegunAnew() throws Exception {
    Definition definition = half("cut");
    board.truncate(topic("state", "cut"));
    try (EventRouter router = board.router("cut")) {
      router.apply(definition);
      board.send("cut", "right", "ann", "right");
      awaitHeld(router, topic("state", "cut"), "is cut off at its beginning");
    }
    assertThat(results("cut")).isEmpty();
    begunAnew("cut");
    try (EventRouter router = board.router("cut")) {
      router.apply(definition);
      board.send("cut", "left", "bob", "after");
      board.send("cut", "right", "bob", "after");
      awaitResults(router, "cut", 1);
    }
    assertThat(results("cut")).containsExactly("a: after | b: after");
  }

  @Test
  void shouldGoOnAfterAFirstArrivalThatNobodyCanRead() throws Exception {
    Definition definition = join("garbage");
    board.append(new ProducerRecord<>(topic("arrivals", "garbage"), "key", "no arrival"));
    try (EventRouter router = board.router("garbage")) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> board.journal("garbage").size() == 1);
    }
    try (EventRouter router = board.router("garbage")) {
      router.apply(definition);
      board.send("garbage", "left", "ann", "left");
      board.send("garbage", "right", "ann", "right");
      awaitResults(router, "garbage", 1);
    }
    assertThat(results("garbage")).containsExactly("a: left | b: right");
  }

  @Test
  void shouldHoldWhenArrivalsOfItsStateWouldBeReadAgain() throws Exception {
    Definition definition = half("again");
    try (EventRouter router = board.router("again")) {
      router.apply(definition);
      board.send("again", "left", "bob", "left too");
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  router.waiting(Optional.empty(), 9).stream()
                      .anyMatch(each -> each.waiting().inputs().getFirst().have() == 2));
    }
    // the first stands at 0, the mark of its transaction behind it
    board.setPosition("koalja.again.join.arrivals", topic("arrivals", "again"), 1);
    try (EventRouter router = board.router("again")) {
      router.apply(definition);
      awaitHeld(router, "they would count twice");
    }
    assertThat(results("again")).isEmpty();
  }

  @Test
  void shouldHoldWhenArrivalsItDidNotReadAreTruncated() throws Exception {
    Definition definition = half("lost");
    // nobody reads what arrives now
    Reader assembly = reader(definition, Reader.Stage.ASSEMBLY);
    long read = board.committed(assembly).get(arrivals("lost")).offset();
    board.append(topic("arrivals", "lost"), "an arrival");
    board.truncate(topic("arrivals", "lost"));
    try (EventRouter router = board.router("lost")) {
      router.apply(definition);
      board.send("lost", "right", "ann", "right");
      awaitHeld(router, "offset " + read, topic("arrivals", "lost"), "is not kept any more");
    }
    assertThat(results("lost")).isEmpty();
    // what waits is still there, and only what was truncated is lost
    board.forgetPosition(assembly);
    join("lost");
    try (EventRouter router = board.router("lost")) {
      router.apply(definition);
      awaitResults(router, "lost", 1);
    }
    assertThat(results("lost")).containsExactly("a: left | b: right");
  }

  @Test
  void shouldHoldWhenItsArrivalsAreDeletedAndGoOnBegunAnew() throws Exception {
    Definition definition = half("razed");
    try (EventRouter router = board.router("razed")) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> router.waiting(Optional.empty(), 1).size() == 1);
      board.deleteTopic(topic("arrivals", "razed"));
      awaitHeld(router, topic("arrivals", "razed"), "is gone");
    }
    join("razed"); // applied again, without a thought of the state
    try (EventRouter router = board.router("razed")) {
      router.apply(definition);
      awaitHeld(router, topic("state", "razed"), "is older than the arrivals");
    }
    begunAnew("razed");
    try (EventRouter router = board.router("razed")) {
      router.apply(definition);
      board.send("razed", "left", "bob", "after");
      board.send("razed", "right", "bob", "after");
      awaitResults(router, "razed", 1);
    }
    assertThat(results("razed")).containsExactly("a: after | b: after");
  }

  private static TopicPartition arrivals(String name) {
    return new TopicPartition(topic("arrivals", name), 0);
  }

  private static Reader reader(Definition definition, Reader.Stage stage) {
    return definition.pipeline().readers().stream()
        .filter(each -> each.stage() == stage)
        .findFirst()
        .orElseThrow();
  }

  /** A clock that a person sets wrong. */
  private static final class WrongClock implements InstantSource {
    private volatile Duration error = Duration.ZERO;

    void off(Duration by) {
      error = by;
    }

    @Override
    public Instant instant() {
      return Instant.now().plus(error);
    }
  }

  @Test
  void shouldGiveUpOnceHoweverTheClockGoesBack() throws Exception {
    Definition definition =
        task(
            "back",
            "{timeout: {after: 10m, then: deadletter}}",
            "{name: a, link: left}",
            "{name: b, link: right}");
    String letters = TopicName.deadLetter(definition.pipeline().readers().getFirst());
    WrongClock clock = new WrongClock();
    try (EventRouter router = board.router("back", clock)) {
      router.apply(definition);
      clock.off(Duration.ofHours(-1));
      board.send("back", "left", "ann", "left");
      board.send("back", "left", "bob", "left");
      board.send("back", "right", "bob", "right");
      awaitResults(router, "back", 1);
      assertThat(router.waiting(Optional.of("ann"), 1)).hasSize(1);
      clock.off(Duration.ofMinutes(11));
      await().atMost(LIMIT).until(() -> board.read(letters).size() == 1);
      clock.off(Duration.ofHours(-1));
      board.send("back", "left", "cid", "left");
      board.send("back", "right", "cid", "right");
      awaitResults(router, "back", 2);
      assertThat(router.waiting(Optional.empty(), 1)).isEmpty();
    }
    assertThat(board.read(letters)).hasSize(1);
    assertThat(results("back")).hasSize(2);
  }

  @Test
  void shouldNotRestForLongAfterAClockThatWasFarAhead() throws Exception {
    Definition definition = task("ahead", "{minInterval: 5s}", "{name: a, link: left}");
    WrongClock clock = new WrongClock();
    try (EventRouter router = board.router("ahead", clock)) {
      router.apply(definition);
      clock.off(Duration.ofDays(365));
      board.send("ahead", "left", "ann", "1");
      board.send("ahead", "left", "ann", "2");
      awaitResults(router, "ahead", 2);
      clock.off(Duration.ZERO);
      board.send("ahead", "left", "ann", "3");
      awaitResults(router, "ahead", 3);
    }
    assertThat(results("ahead")).containsExactly("a: 1", "a: 2", "a: 3");
  }

  @Test
  void shouldEndAWindowOnceHoweverTheClockGoesBack() throws Exception {
    Definition definition = task("day", "{window: {size: 24h}}", "{name: a, link: left}");
    WrongClock clock = new WrongClock();
    try (EventRouter router = board.router("day", clock)) {
      router.apply(definition);
      clock.off(Duration.ofDays(-9));
      board.send("day", "left", "ann", "1");
      board.send("day", "left", "ann", "2");
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  router.waiting(Optional.empty(), 1).stream()
                      .anyMatch(each -> each.waiting().inputs().getFirst().have() == 2));
      clock.off(Duration.ofDays(2));
      awaitResults(router, "day", 1);
      clock.off(Duration.ofDays(-9));
      board.send("day", "left", "ann", "3");
      await().atMost(LIMIT).until(() -> board.journal("day").size() == 2);
    }
    assertThat(results("day")).containsExactly("a: 1 2");
    InvocationRecord late = board.journal("day").getLast();
    assertThat(late.outcome()).isEqualTo(Outcome.EXPIRED);
    assertThat(late.error().orElseThrow().cause()).startsWith("came after window");
  }

  @Test
  void shouldDeadLetterEveryEventOfASnapshotThatIsTooLargeAndGoOn() throws Exception {
    Definition definition = task("huge", "{}", "{name: a, link: left}", "{name: b, link: right}");
    String large = "x".repeat(4_000_000);
    try (EventRouter router = board.router("huge")) {
      router.apply(definition);
      board.send("huge", "left", "ann", large);
      board.send("huge", "right", "ann", large);
      board.send("huge", "left", "ann", "left");
      board.send("huge", "right", "ann", "right");
      awaitResults(router, "huge", 1);
      await().atMost(LIMIT).until(() -> board.journal("huge").size() == 3);
    }
    assertThat(results("huge")).containsExactly("a: left | b: right");
    for (Reader input : definition.pipeline().readers().subList(0, 2)) {
      assertThat(board.read(TopicName.deadLetter(input)))
          .singleElement()
          .satisfies(
              letter -> {
                assertThat(text(letter)).isEqualTo(large);
                assertThat(header(letter, "ce_koaljacause"))
                    .startsWith("snapshot-too-large: a snapshot of ")
                    .contains("at most 10000 events and 8000000 bytes fit");
              });
    }
  }

  @Test
  void shouldDeadLetterAnEventThatIsTooLargeForASnapshotByItself() throws Exception {
    Definition definition =
        task("giant", "{}", "{name: a, link: left, length: 1}", "{name: b, link: right}");
    String giant = "x".repeat(7_900_000);
    try (EventRouter router = board.router("giant")) {
      router.apply(definition);
      board.send("giant", "left", "ann", giant);
      board.send("giant", "right", "ann", "small");
      board.send("giant", "left", "bob", "left");
      board.send("giant", "right", "bob", "right");
      awaitResults(router, "giant", 1);
      await().atMost(LIMIT).until(() -> board.journal("giant").size() == 3);
    }
    assertThat(results("giant")).containsExactly("a: left | b: right");
    assertThat(board.read(TopicName.deadLetter(definition.pipeline().readers().getFirst())))
        .singleElement()
        .satisfies(letter -> assertThat(text(letter)).isEqualTo(giant));
  }
}
