package dev.koalja.router;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.router.dispatch.FunctionInvoker;
import dev.koalja.router.dispatch.FunctionProtocol;
import dev.koalja.router.function.FunctionReader;
import dev.koalja.router.kafka.KafkaCluster;
import dev.koalja.router.link.ReaderLimits;
import dev.koalja.router.link.ReaderMetrics;
import dev.koalja.router.link.ReaderSettings;
import dev.koalja.router.link.ReaderStages;
import dev.koalja.router.link.TopicReader;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.LaneProducer;
import dev.koalja.router.reply.ResultAppender;
import dev.koalja.router.snapshot.AssemblyReader;
import dev.koalja.router.snapshot.IntakeReader;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.admin.Admin;

/** A router made of the same parts as a real one, but for its lane. */
final class RouterOfParts implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final FunctionInvoker invoker =
      new FunctionInvoker(vertx, FunctionProtocol.ResultLimits.DEFAULT);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Admin admin;
  private final List<TopicReader> readers = new ArrayList<>();
  private final CommitLane lane;

  interface Lane {
    LaneProducer open(KafkaCluster kafka, String id, Admin admin);
  }

  RouterOfParts(Breadboard board, Definition definition, Lane kind) {
    this(board, definition, kind, ReaderLimits.DEFAULT);
  }

  RouterOfParts(Breadboard board, Definition definition, Lane kind, ReaderLimits limits) {
    KafkaCluster kafka = KafkaCluster.at(board.broker.bootstrapServers());
    admin = Admin.create(kafka.properties());
    String id = "audit-" + definition.pipeline().name();
    lane = new CommitLane("0", kind.open(kafka, id, admin), _ -> {});
    ReaderStages stages =
        new ReaderStages(
            new ReaderSettings(kafka, Optional.of(id), 4096, limits),
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
