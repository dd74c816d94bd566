package dev.koalja.router;

import dev.koalja.knative.serving.Serving;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.router.dispatch.FunctionInvoker;
import dev.koalja.router.dispatch.FunctionProtocol;
import dev.koalja.router.function.FunctionReader;
import dev.koalja.router.link.ReaderMetrics;
import dev.koalja.router.link.ReaderSettings;
import dev.koalja.router.link.ReaderStages;
import dev.koalja.router.link.ReaderStatus;
import dev.koalja.router.link.TopicReader;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.LaneProducer;
import dev.koalja.router.reply.ResultAppender;
import dev.koalja.router.snapshot.AssemblyReader;
import dev.koalja.router.snapshot.IntakeReader;
import dev.koalja.router.snapshot.Waiting;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.jboss.logging.Logger;

/**
 * The router: one {@link TopicReader} per reader of every pipeline in force, a few commit lanes
 * that they share. Follows changes of the definition live: readers that did not change go on
 * undisturbed, changed ones hand over at an exact position.
 *
 * <p>Thread-safe; {@link #apply} and {@link #remove} return when the change is made.
 */
public final class EventRouter implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(EventRouter.class);
  private static final Duration HAND_OVER = Duration.ofSeconds(30);

  private final RouterSettings settings;
  private final Serving serving;
  private final Admin admin;
  private final FunctionInvoker invoker;
  private final ScheduledExecutorService timer;
  private final ReaderStages stages;
  private final List<CommitLane> lanes = new ArrayList<>();
  private final Map<String, Running> readers = new HashMap<>();

  private volatile boolean broken;
  private boolean closed;

  /**
   * An incomplete snapshot.
   *
   * @param assembly whose it is
   * @param waiting what is there, and what is missing
   */
  public record WaitingSnapshot(Reader assembly, Waiting waiting) {}

  private record Running(Reader reader, TopicReader link) {}

  /**
   * @param died called when an error of ours leaves the router unable to commit
   */
  public EventRouter(
      RouterSettings settings,
      Serving serving,
      Vertx vertx,
      MeterRegistry registry,
      InstantSource clock,
      Runnable died) {
    this.settings = settings;
    this.serving = serving;
    this.admin = Admin.create(settings.kafka().properties());
    this.invoker = new FunctionInvoker(vertx, FunctionProtocol.ResultLimits.DEFAULT);
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("koalja-retry").daemon().factory());
    this.stages =
        new ReaderStages(
            new ReaderSettings(
                settings.kafka(),
                settings.slot(),
                settings.offsetMetadataCharacters(),
                settings.limits()),
            serving,
            invoker,
            new ResultAppender(settings.maxRecordBytes(), clock),
            timer,
            new ReaderMetrics(registry),
            clock);
    // before any reader subscribes: ends what a killed predecessor left undecided
    String slot = settings.slot().orElseGet(() -> UUID.randomUUID().toString());
    for (int lane = 0; lane < settings.lanes(); lane++) {
      String id = "koalja-%s-router-%s-%d".formatted(settings.installation(), slot, lane);
      lanes.add(
          new CommitLane(
              Integer.toString(lane),
              new LaneProducer(settings.kafka(), id, admin),
              cause -> {
                broken = true;
                died.run();
              }));
    }
  }

  /** False once the router can do nothing more and its process has to be started again. */
  public boolean working() {
    return !broken;
  }

  /** Takes a revision over. */
  public synchronized void apply(Definition definition) {
    if (closed) {
      return;
    }
    // other data is no reason to begin anew with a task that is wired as before
    Pipeline pipeline = definition.pipeline().withoutSchemas();
    Map<String, Reader> wanted = new HashMap<>();
    pipeline.readers().forEach(reader -> wanted.put(reader.toString(), reader));
    String prefix = pipeline.name() + "/";
    List<Running> obsolete =
        readers.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(prefix))
            .map(Map.Entry::getValue)
            .filter(running -> !running.reader().equals(wanted.get(running.reader().toString())))
            .toList();
    // in this order: what is wired anew may need other code, which the serving switches to now. So
    // no call by the old wiring meets new code, and none by the new wiring the old
    letGo(obsolete);
    serving.apply(definition);
    for (Reader reader : pipeline.readers()) {
      Running running = readers.get(reader.toString());
      if (running == null) {
        start(pipeline, reader, definition.revision());
      } else {
        running.link().revision(definition.revision());
      }
    }
    LOG.infof("%s revision %d: %d readers", pipeline.name(), definition.revision(), wanted.size());
  }

  /** Lets go of a pipeline. */
  public synchronized void remove(String pipeline) {
    letGo(
        readers.values().stream()
            .filter(running -> running.reader().pipeline().value().equals(pipeline))
            .toList());
    serving.remove(pipeline);
  }

  private void start(Pipeline pipeline, Reader reader, long revision) {
    CommitLane lane = lanes.get(Math.floorMod(reader.toString().hashCode(), lanes.size()));
    List<Task> chain =
        isHead(pipeline, reader)
            ? WakeUp.behind(pipeline, reader, settings.prewarmApps())
            : List.of();
    TopicReader link =
        switch (reader.stage()) {
          case INTAKE -> new IntakeReader(reader, revision, stages, lane);
          case ASSEMBLY -> new AssemblyReader(reader, revision, stages, lane);
          case INPUT, SNAPSHOT ->
              new FunctionReader(
                  reader,
                  revision,
                  stages,
                  lane,
                  () -> chain.forEach(task -> serving.prewarm(reader.pipeline(), task)));
        };
    readers.put(reader.toString(), new Running(reader, link));
    link.start();
  }

  private static boolean isHead(Pipeline pipeline, Reader reader) {
    return reader.stage() == Reader.Stage.INPUT
        && reader.input().filters().isEmpty()
        && !(reader.task().kind() instanceof TaskKind.Filter)
        && pipeline.tasks().stream()
            .flatMap(task -> task.outputs().stream())
            .noneMatch(output -> output.link().equals(reader.input().link()));
  }

  /**
   * Waits for the calls that have their place, and not for those that still wait for one: it may be
   * just this change that brings code which starts. They were no attempt.
   */
  private void letGo(Collection<Running> obsolete) {
    obsolete.forEach(
        running -> serving.refuseWaiting(running.reader().pipeline(), running.reader().task()));
    stop(obsolete, HAND_OVER);
  }

  private void stop(Collection<Running> obsolete, Duration limit) {
    if (obsolete.isEmpty()) {
      return;
    }
    try (ExecutorService closing = Executors.newVirtualThreadPerTaskExecutor()) {
      obsolete.forEach(running -> closing.execute(() -> running.link().close(limit)));
    }
    obsolete.forEach(running -> readers.remove(running.reader().toString()));
  }

  /** How every reader stands, ordered by name. */
  public synchronized List<ReaderStatus> readers() {
    return readers.values().stream()
        .sorted(Comparator.comparing(running -> running.reader().toString()))
        .map(running -> running.link().status())
        .toList();
  }

  /**
   * The snapshots that are incomplete here, those that wait longest first.
   *
   * @param key only those of this correlation key
   */
  public synchronized List<WaitingSnapshot> waiting(Optional<String> key, int limit) {
    return readers.values().stream()
        .map(Running::link)
        .<WaitingSnapshot>mapMulti(
            (reader, sink) -> {
              if (reader instanceof AssemblyReader assembly) {
                assembly
                    .waiting(limit, key)
                    .forEach(each -> sink.accept(new WaitingSnapshot(assembly.reader(), each)));
              }
            })
        .sorted(Comparator.comparing(each -> each.waiting().since()))
        .limit(limit)
        .toList();
  }

  /**
   * Stops reading, lets calls under way end, commits them, leaves the groups. Nothing is lost if it
   * is killed instead: what was not committed is repeated.
   */
  @Override
  public void close() {
    close(HAND_OVER);
  }

  /**
   * The same.
   *
   * @param limit how long calls under way may take to end
   */
  public void close(Duration limit) {
    synchronized (this) {
      closed = true;
      stop(List.copyOf(readers.values()), limit);
    }
    lanes.forEach(CommitLane::close);
    timer.shutdownNow();
    try {
      timer.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    invoker.close();
    admin.close(Duration.ofSeconds(2));
  }
}
