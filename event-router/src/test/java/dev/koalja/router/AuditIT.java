package dev.koalja.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.router.reply.ForgetsASnapshot;
import dev.koalja.router.reply.LaneProducer;
import dev.koalja.router.reply.PositionsFirst;
import dev.koalja.soak.Audit;
import dev.koalja.soak.Behaviour;
import dev.koalja.soak.Breach;
import dev.koalja.soak.Ledger;
import dev.koalja.soak.Standing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit of {@code koalja soak} catches routers that break their promises. */
class AuditIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int EVENTS = 20;
  private static Breadboard board;

  @BeforeAll
  static void open(@TempDir Path folder) {
    board = new Breadboard(folder);
  }

  @AfterAll
  static void close() {
    board.close();
  }

  private static Definition relay(String pipeline) throws Exception {
    board.function(pipeline, "relay", (exchange, body) -> Breadboard.reply(exchange, "r " + body));
    return board.define(
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: %s}
        spec:
          tasks:
          - name: relay
            function: {app: test}
            inputs: [{name: in, link: in}]
            outputs: [{name: result, link: out}]
        """
            .formatted(pipeline));
  }

  private static Definition join(String pipeline) throws Exception {
    board.function(pipeline, "join", (exchange, body) -> Breadboard.reply(exchange, "joined"));
    return board.define(
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: %s}
        spec:
          tasks:
          - name: join
            function: {app: test}
            inputs: [{name: left, link: left}, {name: right, link: right}]
            outputs: [{name: result, link: out}]
        """
            .formatted(pipeline));
  }

  private static List<Audit.Sent> send(String pipeline, String link) {
    List<Audit.Sent> sent = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      String data = link + " " + i;
      board.send(pipeline, link, "k" + i, data);
      sent.add(new Audit.Sent(link, "e-" + data.hashCode() + "-" + data.length(), "k" + i, true));
    }
    return sent;
  }

  private static List<Breach> audit(Definition definition, List<Audit.Sent> sent) {
    String name = definition.pipeline().name().value();
    try (Ledger ledger = new Ledger(board.broker.bootstrapServers(), name)) {
      Standing standing = ledger.read();
      return Audit.of(definition.pipeline(), Behaviour.UNKNOWN, standing, sent).breaches();
    }
  }

  private static void awaitKept(Definition definition, List<Audit.Sent> sent) {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(audit(definition, sent)).isEmpty());
  }

  @Test
  void shouldFindNothingWrongWithARouterThatKeepsItsPromises() throws Exception {
    Definition definition = join("kept");
    List<Audit.Sent> sent = new ArrayList<>(send("kept", "left"));
    try (RouterOfParts _ = new RouterOfParts(board, definition, LaneProducer::new)) {
      awaitKept(definition, sent);
    }
    sent.addAll(send("kept", "right"));
    try (RouterOfParts _ = new RouterOfParts(board, definition, LaneProducer::new)) {
      await().atMost(LIMIT).until(() -> board.read("koalja.kept.out").size() == EVENTS);
      awaitKept(definition, sent);
    }
  }

  @Test
  void shouldCatchARouterThatCommitsPositionsBeforeResults() throws Exception {
    Definition definition = relay("first");
    List<Audit.Sent> sent = new ArrayList<>(send("first", "in"));
    int killedIn = 2;
    try (RouterOfParts _ =
        new RouterOfParts(
            board,
            definition,
            (servers, id, admin) -> new PositionsFirst(servers, id, admin, killedIn))) {
      await().atMost(LIMIT).until(() -> !board.read("koalja.first.out").isEmpty());
      sent.addAll(send("first", "in"));
      // what it commits now are positions; then it is killed
      Reader reader = definition.pipeline().readers().getFirst();
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  board.committed(reader).values().stream().mapToLong(each -> each.offset()).sum()
                      > board.read("koalja.first.out").size());
    }
    try (RouterOfParts _ = new RouterOfParts(board, definition, LaneProducer::new)) {
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(audit(definition, sent))
                      .isNotEmpty()
                      .allSatisfy(breach -> assertThat(breach.kind()).isEqualTo(Breach.Kind.LOST)));
    }
  }

  @Test
  void shouldCatchARouterThatDropsASnapshotWhenItTakesOver() throws Exception {
    Definition definition = join("drops");
    List<Audit.Sent> sent = new ArrayList<>(send("drops", "left"));
    try (RouterOfParts _ = new RouterOfParts(board, definition, LaneProducer::new)) {
      awaitKept(definition, sent);
    }
    sent.addAll(send("drops", "right"));
    try (RouterOfParts _ = new RouterOfParts(board, definition, ForgetsASnapshot::new)) {
      await().atMost(LIMIT).until(() -> board.read("koalja.drops.out").size() == EVENTS - 1);
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(audit(definition, sent))
                      .singleElement()
                      .satisfies(
                          breach -> {
                            assertThat(breach.kind()).isEqualTo(Breach.Kind.LOST);
                            assertThat(breach.what()).contains("should have got the snapshot");
                          }));
    }
  }
}
