package dev.koalja.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.router.dispatch.FunctionInvoker;
import dev.koalja.router.function.FunctionReader;
import dev.koalja.router.link.ReaderLimits;
import dev.koalja.router.link.ReaderMetrics;
import dev.koalja.router.link.ReaderSettings;
import dev.koalja.router.link.ReaderStages;
import dev.koalja.router.link.TopicReader;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.ForgetsASnapshot;
import dev.koalja.router.reply.LaneProducer;
import dev.koalja.router.reply.PositionsFirst;
import dev.koalja.router.reply.ResultAppender;
import dev.koalja.router.snapshot.AssemblyReader;
import dev.koalja.router.snapshot.IntakeReader;
import dev.koalja.soak.Audit;
import dev.koalja.soak.Behaviour;
import dev.koalja.soak.Breach;
import dev.koalja.soak.Ledger;
import dev.koalja.soak.Standing;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.admin.Admin;
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

  /** A router made of the same parts as a real one, but for its lane. */
  private static final class Router implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final FunctionInvoker invoker =
        new FunctionInvoker(vertx, FunctionInvoker.ResultLimits.DEFAULT);
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Admin admin =
        Admin.create(Map.of("bootstrap.servers", board.broker.bootstrapServers()));
    private final List<TopicReader> readers = new ArrayList<>();
    private final CommitLane lane;

    interface Lane {
      LaneProducer open(String bootstrapServers, String id, Admin admin);
    }

    Router(Definition definition, Lane kind) {
      String servers = board.broker.bootstrapServers();
      String id = "audit-" + definition.pipeline().name();
      lane = new CommitLane("0", kind.open(servers, id, admin), _ -> {});
      ReaderStages stages =
          new ReaderStages(
              new ReaderSettings(servers, Optional.of(id), 4096, ReaderLimits.DEFAULT),
              board.functions,
              invoker,
              new ResultAppender(8_000_000, InstantSource.system()),
              timer,
              new ReaderMetrics(new SimpleMeterRegistry()),
              InstantSource.system());
      for (Reader reader : definition.pipeline().readers()) {
        readers.add(
            switch (reader.stage()) {
              case INTAKE -> new IntakeReader(reader, 1, stages, lane);
              case ASSEMBLY -> new AssemblyReader(reader, 1, stages, lane);
              case INPUT, SNAPSHOT -> new FunctionReader(reader, 1, stages, lane, () -> {});
            });
      }
      readers.forEach(TopicReader::start);
    }

    @Override
    public void close() {
      try (ExecutorService closing = Executors.newVirtualThreadPerTaskExecutor()) {
        readers.forEach(reader -> closing.execute(() -> reader.close(Duration.ofSeconds(2))));
      }
      lane.close(Duration.ofSeconds(2));
      timer.shutdownNow();
      invoker.close();
      admin.close(Duration.ofSeconds(2));
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
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
    try (Router _ = new Router(definition, LaneProducer::new)) {
      awaitKept(definition, sent);
    }
    sent.addAll(send("kept", "right"));
    try (Router _ = new Router(definition, LaneProducer::new)) {
      await().atMost(LIMIT).until(() -> board.read("koalja.kept.out").size() == EVENTS);
      awaitKept(definition, sent);
    }
  }

  @Test
  void shouldCatchARouterThatCommitsPositionsBeforeResults() throws Exception {
    Definition definition = relay("first");
    List<Audit.Sent> sent = new ArrayList<>(send("first", "in"));
    int killedIn = 2;
    try (Router _ =
        new Router(
            definition, (servers, id, admin) -> new PositionsFirst(servers, id, admin, killedIn))) {
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
    try (Router _ = new Router(definition, LaneProducer::new)) {
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
    try (Router _ = new Router(definition, LaneProducer::new)) {
      awaitKept(definition, sent);
    }
    sent.addAll(send("drops", "right"));
    try (Router _ = new Router(definition, ForgetsASnapshot::new)) {
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
