package dev.koalja.gateway.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.koalja.gateway.journal.JournalIndex.Identity;
import dev.koalja.gateway.journal.JournalIndex.Invocation;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.DeadLetterNote;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.pipeline.journal.InvocationRecord.OutputEvent;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalWriterTest {
  private static final String TOPIC = "koalja-journal.shop";
  private static final TopicPartition JOURNAL = new TopicPartition(TOPIC, 0);
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  private static final Duration EIGHT_DAYS = Duration.ofDays(8);

  @TempDir Path folder;
  private AgroalDataSource database;
  private JournalWriter writer;
  private JournalIndex index;

  @BeforeEach
  void open() throws Exception {
    Flyway.configure().dataSource(url(), "", "").locations("db/koalja-journal").load().migrate();
    database =
        AgroalDataSource.from(
            new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(
                    pool ->
                        pool.maxSize(4)
                            .connectionFactoryConfiguration(factory -> factory.jdbcUrl(url()))));
    writer = writer(database, EIGHT_DAYS, InstantSource.system());
    writer.belongsTo("cluster");
    index = new JournalIndex(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private String url() {
    return "jdbc:h2:file:" + folder.resolve("index").toAbsolutePath() + ";DB_CLOSE_ON_EXIT=FALSE";
  }

  private static JournalWriter writer(
      AgroalDataSource database, Duration kept, InstantSource clock) {
    return new JournalWriter(database, new JournalSignal(), new IndexRetention(kept), clock);
  }

  private void again() throws Exception {
    database.close();
    open();
  }

  /** One that was given event {@code in-<n>} and made event {@code <id>.0}. */
  private static InvocationRecord invocation(
      String id, String task, int n, Outcome outcome, Instant endedAt) {
    boolean succeeded = outcome == Outcome.SUCCEEDED;
    return new InvocationRecord(
        id,
        "shop",
        1,
        task,
        Optional.empty(),
        outcome,
        List.of(
            new InputEvent(
                "order",
                "order",
                "koalja.shop.order",
                0,
                n,
                "/test",
                "in-" + n,
                "ordered",
                Optional.of("ann"),
                7)),
        List.of(
            new OutputEvent(
                succeeded ? "result" : "dead-letter",
                succeeded ? "priced" : "",
                succeeded ? "koalja.shop.priced" : "koalja-dead.shop.price.order",
                succeeded ? "/koalja/price" : "/test",
                succeeded ? id + ".0" : "in-" + n,
                "priced",
                Optional.empty(),
                15,
                "9c41")),
        List.of(),
        Duration.ofMillis(2),
        n % 10 == 0 ? Optional.of(Duration.ofMillis(100 + n)) : Optional.empty(),
        Duration.ofMillis(8),
        Optional.of("process 1"),
        Optional.empty(),
        endedAt,
        Optional.empty());
  }

  private static InvocationRecord withInputs(InvocationRecord was, List<InputEvent> inputs) {
    return with(was, inputs, was.outputs());
  }

  private static InvocationRecord withOutputs(InvocationRecord was, List<OutputEvent> outputs) {
    return with(was, was.inputs(), outputs);
  }

  private static InvocationRecord with(
      InvocationRecord was, List<InputEvent> inputs, List<OutputEvent> outputs) {
    return new InvocationRecord(
        was.invocation(),
        was.pipeline(),
        was.revision(),
        was.task(),
        was.codeRevision(),
        was.outcome(),
        inputs,
        outputs,
        was.attempts(),
        was.queued(),
        was.coldStart(),
        was.executed(),
        was.instance(),
        was.traceparent(),
        was.endedAt(),
        was.error());
  }

  private static InvocationRecord invocation(int n) {
    return invocation("INV" + n, "price", n, Outcome.SUCCEEDED, NOW);
  }

  private static ConsumerRecord<byte[], byte[]> record(long offset, String kind, String json) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(TOPIC, 0, offset, new byte[0], json.getBytes(UTF_8));
    record.headers().add("koalja-kind", kind.getBytes(UTF_8));
    return record;
  }

  private static ConsumerRecord<byte[], byte[]> record(long offset, InvocationRecord invocation) {
    try {
      return record(offset, "invocation", Json.MAPPER.writeValueAsString(invocation));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static List<ConsumerRecord<byte[], byte[]>> records(int from, int to) {
    return IntStream.range(from, to).mapToObj(n -> record(n, invocation(n))).toList();
  }

  private void write(List<ConsumerRecord<byte[], byte[]>> records) throws SQLException {
    writer.write(new ConsumerRecords<>(Map.of(JOURNAL, records), Map.of()));
  }

  private long done() {
    return index.counts("shop").getOrDefault("price", JournalIndex.TaskCounts.NONE).done();
  }

  private List<String> all() {
    return index.last(Optional.of("shop"), Optional.empty(), 100_000).stream()
        .map(each -> each.json().path("invocation").asText())
        .toList();
  }

  private static List<String> names(int from, int to) {
    return IntStream.range(from, to).mapToObj(n -> "INV" + n).toList();
  }

  @Test
  void shouldAnswerWhatARecordSays() throws Exception {
    write(records(0, 3));
    Identity made = new Identity("INV1.0", "/koalja/price");
    assertThat(index.find(new EventName("INV1.0"))).containsExactly(made);
    assertThat(index.find(new EventName("INV…1.0"))).containsExactly(made);
    assertThat(index.find(new EventName("in-"))).hasSize(3);
    assertThat(index.find(new EventName("INV1"))).containsExactly(made);
    assertThat(index.find(new EventName("in_1"))).isEmpty();
    assertThat(index.sightings(made).all())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.made()).isTrue();
              assertThat(each.link()).isEqualTo("priced");
              assertThat(each.sha256()).contains("9c41");
              assertThat(each.record()).isEmpty();
            });
    assertThat(index.sightings(new Identity("in-2", "/test")).all())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.made()).isFalse();
              assertThat(each.key()).contains("ann");
              assertThat(each.record())
                  .contains(new Sighting.RecordPlace("koalja.shop.order", 0, 2));
              assertThat(index.invocation(each).orElseThrow().path("invocation").asText())
                  .isEqualTo("INV2");
            });
    assertThat(index.sightings(new Identity("in-2", "/another")).all()).isEmpty();
    assertThat(index.counts("shop").get("price").coldStartP50Ms()).contains(100L);
  }

  @Test
  void shouldWriteARepeatedRecordOnce() throws Exception {
    write(records(0, 10));
    write(records(0, 15));
    write(records(5, 12));
    assertThat(all()).isEqualTo(names(0, 15));
    assertThat(done()).isEqualTo(15);
    assertThat(index.sightings(new Identity("in-3", "/test")).all()).hasSize(1);
  }

  @Test
  void shouldWriteARepeatedRecordOnceAfterAStart() throws Exception {
    write(records(0, 10));
    again();
    // batch by batch from the beginning: the place goes back, what has been seen does not
    write(records(0, 4));
    write(records(4, 8));
    assertThat(writer.places()).containsEntry(JOURNAL, 8L);
    again();
    write(records(8, 12));
    assertThat(all()).isEqualTo(names(0, 12));
    assertThat(done()).isEqualTo(12);
  }

  @Test
  void shouldIndexATopicMadeAnewBesideTheOldOne() throws Exception {
    write(records(0, 10));
    List<ConsumerRecord<byte[], byte[]>> anew =
        IntStream.range(0, 5).mapToObj(n -> record(n, invocation(n + 100))).toList();
    write(anew);
    assertThat(writer.places()).containsEntry(JOURNAL, 5L);
    again();
    write(anew);
    assertThat(done()).isEqualTo(15);
    assertThat(all()).containsAll(names(100, 105)).doesNotHaveDuplicates();
  }

  @Test
  void shouldBeTheJournalAgainAfterACrash() throws Exception {
    for (int i = 0; i < 40; i++) {
      write(records(i * 50, (i + 1) * 50));
    }
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      // as if the process was killed: what is not in the file by now is lost
      statement.execute("shutdown immediately");
    }
    again();
    int next = writer.places().getOrDefault(JOURNAL, 0L).intValue();
    assertThat(all()).isEqualTo(names(0, next));
    assertThat(done()).isEqualTo(next);
    write(records(next, 2100));
    assertThat(all()).isEqualTo(names(0, 2100));
    assertThat(done()).isEqualTo(2100);
  }

  @Test
  void shouldIndexTheRestOfABatchWithRecordsItCannotHold() throws Exception {
    List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>(records(0, 5));
    batch.add(record(5, invocation("LONG", "p".repeat(64), 5, Outcome.SUCCEEDED, NOW)));
    batch.add(record(6, "invocation", "{\"inputs\":null}"));
    batch.add(record(7, "invocation", "{\"inputs\":[{\"id\":\"cut"));
    batch.addAll(records(8, 10));
    write(batch);
    assertThat(all()).containsExactly("INV0", "INV1", "INV2", "INV3", "INV4", "INV8", "INV9");
    assertThat(done()).isEqualTo(7);
    assertThat(writer.places()).containsEntry(JOURNAL, 10L);
  }

  @Test
  void shouldFindEverythingInManyBlocks() throws Exception {
    write(List.of(record(0, invocation("RARE", "rare", 0, Outcome.FILTERED, NOW))));
    for (int from = 1; from < 20_001; from += 4000) {
      write(records(from, from + 4000));
    }
    for (int n = 1; n < 20_001; n += 997) {
      assertThat(index.sightings(new Identity("in-" + n, "/test")).all())
          .extracting(Sighting::invocation)
          .containsExactly("INV" + n);
    }
    assertThat(done()).isEqualTo(20_000);
    assertThat(index.counts("shop").get("rare").filtered()).isEqualTo(1);
    List<Invocation> rare = index.last(Optional.of("shop"), Optional.of("rare"), 20);
    assertThat(rare).hasSize(1);
    assertThat(index.after(rare.getFirst().seq(), Optional.empty(), Optional.of("price")))
        .hasSize(1000)
        .extracting(each -> each.json().path("invocation").asText())
        .startsWith("INV1", "INV2");
    assertThat(index.after(index.newest(), Optional.empty(), Optional.empty())).isEmpty();
    assertThat(all()).hasSize(20_001).endsWith("INV19999", "INV20000");
  }

  @Test
  void shouldForgetOldBlocksWhole() throws Exception {
    Instant old = NOW.minus(Duration.ofDays(9));
    write(
        List.of(
            record(0, invocation("OLD", "price", 0, Outcome.SUCCEEDED, old)),
            record(1, invocation("NEW", "price", 1, Outcome.SUCCEEDED, NOW))));
    assertThat(all()).containsExactly("NEW");
    assertThat(done()).isEqualTo(1);
    assertThat(index.find(new EventName("OLD.0"))).isEmpty();
    assertThat(index.find(new EventName("NEW.0"))).hasSize(1);
    assertThat(index.counts("shop").get("price").coldStartP50Ms()).isEmpty();
  }

  @Test
  void shouldKeepAsLongAsItIsTold() throws Exception {
    AtomicReference<Instant> time = new AtomicReference<>(NOW);
    writer = writer(database, Duration.ofHours(1), time::get);
    write(List.of(record(0, invocation("FIRST", "price", 0, Outcome.SUCCEEDED, NOW))));
    Instant later = NOW.plus(Duration.ofMinutes(59));
    time.set(later);
    write(List.of(record(1, invocation("SECOND", "price", 1, Outcome.SUCCEEDED, later))));
    assertThat(all()).containsExactly("FIRST", "SECOND");
    Instant last = NOW.plus(Duration.ofMinutes(61));
    time.set(last);
    write(List.of(record(2, invocation("THIRD", "price", 2, Outcome.SUCCEEDED, last))));
    assertThat(all()).containsExactly("SECOND", "THIRD");
    assertThat(done()).isEqualTo(2);
    assertThat(index.find(new EventName("FIRST.0"))).isEmpty();
  }

  @Test
  void shouldRefuseToKeepForNoTime() {
    assertThatThrownBy(() -> new IndexRetention(Duration.ofSeconds(9)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("koalja.journal.keep is PT9S, must be from 10 s to 3650 d");
  }

  /**
   * Thirty days in which eight are kept: from the ninth on what comes takes the room of the old.
   */
  @Test
  void shouldUseTheRoomOfWhatItForgotAgain() throws Exception {
    AtomicReference<Instant> time = new AtomicReference<>(NOW);
    writer = writer(database, EIGHT_DAYS, time::get);
    // H2 leaves freed room alone for 45 s, more than the days of this test last
    execute("set retention_time 0");
    List<Long> sizes = new ArrayList<>();
    int offset = 0;
    for (int day = 0; day < 30; day++) {
      for (int quarter = 0; quarter < 4; quarter++) {
        Instant now = NOW.plus(Duration.ofHours(24 * day + 6 * quarter));
        time.set(now);
        List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>();
        for (int n = offset; n < offset + 500; n++) {
          batch.add(record(n, invocation("INV" + n, "price", n, Outcome.SUCCEEDED, now)));
        }
        offset += batch.size();
        write(batch);
        // as after a while: what was committed is in the file
        execute("checkpoint");
      }
      sizes.add(Files.size(folder.resolve("index.mv.db")));
    }
    assertThat(done()).isBetween(8 * 2000L, 8 * 2000L + 1500);
    long first = sizes.subList(10, 15).stream().mapToLong(each -> each).max().orElseThrow();
    long last = sizes.subList(25, 30).stream().mapToLong(each -> each).max().orElseThrow();
    assertThat(last).as("bytes by day: %s", sizes).isLessThan(first + first / 4);
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void shouldGoOnByNumberWhenEverythingWasOld() throws Exception {
    Instant old = NOW.minus(Duration.ofDays(9));
    write(List.of(record(0, invocation("OLD", "price", 0, Outcome.SUCCEEDED, old))));
    assertThat(index.newest()).isZero();
    write(records(1, 2));
    // the old one had 8192
    assertThat(index.newest()).isGreaterThan(8192);
    assertThat(all()).containsExactly("INV1");
    long before = index.newest();
    writer.belongsTo("another");
    assertThat(all()).isEmpty();
    write(records(0, 1));
    assertThat(index.newest()).isGreaterThan(before);
    assertThat(done()).isEqualTo(1);
  }

  @Test
  void shouldShowTheLaterOfTwoRecordsOfAnInvocation() throws Exception {
    write(
        List.of(
            record(0, invocation("TWICE", "price", 0, Outcome.DEAD_LETTERED, NOW)),
            record(1, invocation("TWICE", "price", 0, Outcome.SUCCEEDED, NOW))));
    assertThat(index.sightings(new Identity("in-0", "/test")).all())
        .singleElement()
        .satisfies(
            each ->
                assertThat(index.invocation(each).orElseThrow().path("outcome").asText())
                    .isEqualTo("SUCCEEDED"));
  }

  @Test
  void shouldFindTheInvocationOfALetter() throws Exception {
    write(List.of(record(0, invocation("DEAD", "price", 0, Outcome.DEAD_LETTERED, NOW))));
    assertThat(index.ofLetter("shop", "DEAD")).isPresent();
    assertThat(index.ofLetter("another", "DEAD")).isEmpty();
    // it is no event
    assertThat(index.find(new EventName("DEAD"))).isEmpty();
    // the letter is the event that was read, not one that was made
    assertThat(index.sightings(new Identity("in-0", "/test")).all()).hasSize(1);
    assertThat(index.counts("shop").get("price").failed()).isEqualTo(1);
  }

  @Test
  void shouldReadAJournalAgainThatAnOlderVersionIndexed() throws Exception {
    database.close();
    Path old = folder.resolve("old");
    String url = "jdbc:h2:file:" + old.toAbsolutePath();
    Flyway.configure()
        .dataSource(url, "", "")
        .locations("db/koalja-journal")
        .target("2")
        .load()
        .migrate();
    try (Connection connection = java.sql.DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("insert into cluster values ('cluster')");
      statement.execute("insert into place values ('%s', 0, 2)".formatted(TOPIC));
      statement.execute("insert into place values ('koalja-dead.shop.price.order', 0, 1)");
      statement.execute(
          "insert into invocation (pipeline, invocation, task, outcome, ended_at, body) values"
              + " ('shop', 'INV0', 'price', 'SUCCEEDED', current_timestamp, '{}')");
      statement.execute(
          "insert into event values ('in-0', '/test', 'in', 'shop', 'INV0', 0, 't', 'order',"
              + " 'koalja.shop.order', 0, 0, null, 7, null)");
      statement.execute(
          "insert into letter values ('koalja-dead.shop.price.order', 0, 0, 'dead-letter', 'shop',"
              + " 'price', 'order', 'no', '', 5, current_timestamp, 'in-9', '/test', 't', null)");
      statement.execute(
          "insert into letter_note values ('koalja-dead.shop.price.order', 0, 0, 'RETRIED',"
              + " current_timestamp)");
    }
    java.nio.file.Files.move(
        Path.of(old + ".mv.db"),
        folder.resolve("index.mv.db"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    open();
    assertThat(writer.places())
        .containsExactly(Map.entry(new TopicPartition("koalja-dead.shop.price.order", 0), 1L));
    assertThat(index.letters(new Identity("in-9", "/test")))
        .singleElement()
        .satisfies(each -> assertThat(each.state()).isEqualTo("retried"));
    write(records(0, 3));
    assertThat(all()).isEqualTo(names(0, 3));
    assertThat(done()).isEqualTo(3);
  }

  @Test
  void shouldHoldARecordOfTwoMebibytes() throws Exception {
    List<InputEvent> inputs =
        IntStream.range(0, 10_000)
            .mapToObj(
                n ->
                    new InputEvent(
                        "order",
                        "order",
                        "koalja.shop.order",
                        0,
                        n,
                        "/test/" + "s".repeat(64),
                        "part-" + n,
                        "ordered",
                        Optional.of("ann"),
                        7))
            .toList();
    ConsumerRecord<byte[], byte[]> large = record(0, withInputs(invocation(0), inputs));
    assertThat(large.value()).hasSizeGreaterThan(2 << 20);
    write(List.of(large, record(1, invocation(1))));
    again();
    assertThat(all()).containsExactly("INV0", "INV1");
    assertThat(index.find(new EventName("part-9999"))).hasSize(1);
    assertThat(index.last(Optional.of("shop"), Optional.empty(), 2).getFirst().json().toString())
        .isEqualTo(new String(large.value(), UTF_8));
    // known, however large
    write(List.of(large));
    assertThat(done()).isEqualTo(2);
  }

  @Test
  void shouldHalveABatchAroundARecordItCannotHold() throws Exception {
    List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>(records(0, 1000));
    batch.set(700, record(700, invocation("LONG", "p".repeat(64), 5, Outcome.SUCCEEDED, NOW)));
    AtomicInteger connections = new AtomicInteger();
    AgroalDataSource counted =
        (AgroalDataSource)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {AgroalDataSource.class},
                (_, method, arguments) -> {
                  if (method.getName().equals("getConnection")) {
                    connections.incrementAndGet();
                  }
                  return method.invoke(database, arguments);
                });
    writer(counted, EIGHT_DAYS, InstantSource.system())
        .write(new ConsumerRecords<>(Map.of(JOURNAL, batch), Map.of()));
    assertThat(done()).isEqualTo(999);
    assertThat(writer.places()).containsEntry(JOURNAL, 1000L);
    assertThat(connections).hasValueLessThan(100);
  }

  @Test
  void shouldNotWriteABatchAgainThatOldRowsCannotBeDeletedBehind() throws Exception {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("alter table letter_note rename to hidden");
      write(records(0, 3));
      statement.execute("alter table hidden rename to letter_note");
    }
    assertThat(all()).isEqualTo(names(0, 3));
  }

  @Test
  void shouldAnswerTheOldestAndTheNewestOfOneBlockAndSayWhetherThereAreOthers() throws Exception {
    Identity slow = new Identity("slow", "/test");
    write(snapshots(0, 450));
    JournalIndex.Sightings all = index.sightings(slow);
    assertThat(all.cut()).isFalse();
    assertThat(all.all()).hasSize(450);
    write(snapshots(450, 600));
    JournalIndex.Sightings some = index.sightings(slow);
    assertThat(some.cut()).isTrue();
    assertThat(some.all())
        .hasSize(450)
        .extracting(Sighting::invocation)
        .contains("INV0", "INV49", "INV200", "INV599")
        .doesNotContain("INV50", "INV199");
  }

  private static List<ConsumerRecord<byte[], byte[]>> snapshots(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(
            n -> {
              InvocationRecord one = invocation(n);
              InputEvent slow =
                  new InputEvent(
                      "prices",
                      "prices",
                      "koalja.shop.prices",
                      0,
                      0,
                      "/test",
                      "slow",
                      "t",
                      Optional.empty(),
                      7);
              return record(n, withInputs(one, List.of(slow, one.inputs().getFirst())));
            })
        .toList();
  }

  @Test
  void shouldReadManySnapshotsOfOneSlowInputAgainWithoutReadingAllForEach() throws Exception {
    for (int from = 0; from < 6000; from += 1000) {
      write(snapshots(from, from + 1000));
    }
    assertTimeout(
        Duration.ofSeconds(60),
        () -> {
          for (int from = 0; from < 6000; from += 1000) {
            write(snapshots(from, from + 1000));
          }
        });
    assertThat(done()).isEqualTo(6000);
  }

  @Test
  void shouldKnowARecordAmongManyOfTheSameEvents() throws Exception {
    List<ConsumerRecord<byte[], byte[]>> same =
        IntStream.range(0, 100)
            .mapToObj(n -> record(n, invocation("LATE" + n, "price", 0, Outcome.EXPIRED, NOW)))
            .toList();
    write(same);
    write(same);
    assertThat(all()).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void shouldAnswerOfAnEventInVeryManyInvocationsWithItsMakingAndTheNewest() throws Exception {
    Identity slow = new Identity("slow", "/test");
    InvocationRecord maker = invocation("MAKER", "price", 0, Outcome.SUCCEEDED, NOW);
    OutputEvent made =
        new OutputEvent(
            "result",
            "prices",
            "koalja.shop.prices",
            "/test",
            "slow",
            "t",
            Optional.empty(),
            7,
            "9c41");
    write(List.of(record(0, withOutputs(maker, List.of(made)))));
    for (int from = 1; from < 20_001; from += 4000) {
      write(snapshots(from, from + 4000));
    }
    JournalIndex.Sightings seen = index.sightings(slow);
    assertThat(seen.cut()).isTrue();
    assertThat(seen.all())
        .hasSizeBetween(100, 1000)
        .extracting(Sighting::invocation)
        .startsWith("MAKER", "INV1")
        .endsWith("INV19999", "INV20000");
    assertThat(index.maker(seen.all()).orElseThrow().invocation().path("invocation").asText())
        .isEqualTo("MAKER");
    assertThat(index.find(new EventName("slow"))).containsExactly(slow);
    assertThat(index.sightings(new Identity("in-7", "/test")).cut()).isFalse();
    assertThat(
            index.reading(slow, seen.all().getLast()).orElseThrow().path("inputs").findValues("id"))
        .hasToString("[\"slow\"]");
  }

  private static ConsumerRecord<byte[], byte[]> letter(String topic, long offset, long time) {
    return new ConsumerRecord<>(
        topic,
        0,
        offset,
        time,
        TimestampType.CREATE_TIME,
        0,
        0,
        new byte[0],
        new byte[0],
        new RecordHeaders(),
        Optional.empty());
  }

  @Test
  void shouldFindTheOldestLetterBehindManyNewerOnes() throws Exception {
    String quarantine = "koalja-quarantine.shop.price.order";
    String dead = "koalja-dead.shop.price.order";
    ConsumerRecord<byte[], byte[]> named = letter(dead, 0, NOW.toEpochMilli() - 1);
    named.headers().add("ce_id", "01OLDEST".getBytes(UTF_8));
    List<ConsumerRecord<byte[], byte[]>> many = new ArrayList<>(List.of(named));
    for (int n = 1; n <= 10_000; n++) {
      many.add(letter(dead, n, NOW.toEpochMilli()));
    }
    writer.write(
        new ConsumerRecords<>(
            Map.of(
                new TopicPartition(quarantine, 0),
                List.of(letter(quarantine, 7, NOW.toEpochMilli() - 1)),
                new TopicPartition(dead, 0),
                many),
            Map.of()));
    assertThat(
            index.letters(Optional.empty(), Optional.empty(), Optional.of(Letter.Kind.QUARANTINE)))
        .extracting(each -> each.letter().place())
        .containsExactly(quarantine + ":0:7");
    for (String name : List.of(dead + ":0:0", "01OLDEST", "01OL", "01…ST")) {
      assertThat(index.letters(new EventName(name)))
          .as(name)
          .extracting(each -> each.letter().place())
          .containsExactly(dead + ":0:0");
    }
    assertThat(index.letters(new EventName(quarantine + ":0:7"))).hasSize(1);
    assertThat(index.letters(new EventName(dead + ":0:20000"))).isEmpty();
    assertThat(index.letters(new EventName("koalja-dead"))).hasSize(20);
  }

  @Test
  void shouldKeepNotes() throws Exception {
    String dead = "koalja-dead.shop.price.order";
    ConsumerRecord<byte[], byte[]> letter = letter(dead, 0, NOW.toEpochMilli());
    writer.write(
        new ConsumerRecords<>(Map.of(new TopicPartition(dead, 0), List.of(letter)), Map.of()));
    assertThat(index.counts("shop").get("price").deadLetters()).isEqualTo(1);
    String note =
        Json.MAPPER.writeValueAsString(
            new DeadLetterNote(dead, 0, 0, DeadLetterNote.Action.DELETED, NOW));
    write(List.of(record(0, "dead-letter-note", note)));
    write(List.of(record(0, "dead-letter-note", note)));
    assertThat(index.letters(Optional.of("shop"), Optional.empty(), Optional.empty()))
        .extracting(JournalIndex.LetterState::state)
        .containsExactly("deleted");
  }
}
