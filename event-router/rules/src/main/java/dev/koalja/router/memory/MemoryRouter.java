package dev.koalja.router.memory;

import dev.koalja.knative.serving.AppStatus;
import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.Serving;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.router.dispatch.FunctionCaller;
import dev.koalja.router.reply.EventRecords;
import dev.koalja.router.reply.ResultAppender;
import dev.koalja.router.reply.ResultAppender.Appendable;
import dev.koalja.router.snapshot.Waiting;
import io.cloudevents.CloudEvent;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Runs a circuit in memory, by the rules of the real router and with its records, in the calling
 * thread. Deterministic: what is sent is worked off before the call returns, readers take turns in
 * the order of the pipeline file, and time only passes by {@link #advance}, backoffs without
 * jitter.
 *
 * <p>What only decides how fast something happens is left out: rates, limits of calls side by side,
 * parking, circuit breakers. Links have one partition.
 */
public final class MemoryRouter implements InstantSource {
  /** What still goes on then never ends. */
  private static final int MAX_STEPS = 1_000_000;

  private static final long MAX_RECORD_BYTES = 8_000_000;

  private final Pipeline pipeline;
  private final Instant begin;
  private final MemoryLog log = new MemoryLog();
  private final Faults faults = new Faults();
  private final FunctionCaller functions;
  private final Serving serving = new InPlace();
  private final List<Stage> stages = new ArrayList<>();
  private final List<InvocationRecord> journal = new ArrayList<>();
  private Instant now;

  /**
   * Begins with nothing on any link.
   *
   * @param functions calls the functions, in the calling thread
   * @param begin the time it is
   */
  @SuppressWarnings("this-escape") // stages do nothing before they are asked to
  public MemoryRouter(Pipeline pipeline, FunctionCaller functions, Instant begin) {
    this.pipeline = pipeline;
    this.functions = faults.around(functions);
    this.begin = begin;
    this.now = begin;
    ResultAppender appender = new ResultAppender(MAX_RECORD_BYTES, this);
    for (Reader reader : pipeline.readers()) {
      stages.add(
          switch (reader.stage()) {
            case INPUT, SNAPSHOT -> new FunctionStage(this, reader, appender);
            case INTAKE -> new IntakeStage(this, reader, appender);
            case ASSEMBLY -> new AssemblyStage(this, reader, appender);
          });
    }
  }

  /** Appends an event to a link, and works off what follows. */
  public void send(LinkName link, CloudEvent event) {
    append(EventRecords.of(TopicName.link(pipeline.name(), link), event, TraceParent.start()));
    settle();
  }

  /** Appends a record to a topic, and works off what follows. */
  public void send(ProducerRecord<byte[], byte[]> record) {
    append(record);
    settle();
  }

  /** Lets time pass, and does what becomes due, each at its time. */
  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("time does not go back: " + by);
    }
    Instant until = now.plus(by);
    Optional<Instant> next = due();
    while (next.isPresent() && !next.get().isAfter(until)) {
      now = next.get().isAfter(now) ? next.get() : now;
      settle();
      next = due();
    }
    now = until;
    settle();
  }

  private Optional<Instant> due() {
    Optional<Instant> next = faults.nextDue();
    for (Stage stage : stages) {
      Optional<Instant> due = stage.due();
      if (due.isPresent() && (next.isEmpty() || due.get().isBefore(next.get()))) {
        next = due;
      }
    }
    return next;
  }

  private void settle() {
    try {
      for (int steps = 0; steps < MAX_STEPS; steps++) {
        faults.due(now).forEach(record -> log.append(record, now));
        boolean any = false;
        for (Stage stage : stages) {
          any |= stage.step();
        }
        if (!any) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while functions ran", e);
    }
    throw new IllegalStateException(
        "pipeline %s does not come to rest: does it run in a circle?".formatted(pipeline.name()));
  }

  /** The time it is in the circuit. */
  @Override
  public Instant instant() {
    return now;
  }

  /** What is on a topic, oldest first. */
  public List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    return log.read(topic);
  }

  /** What was done, in its order. */
  public List<InvocationRecord> journal() {
    return Collections.unmodifiableList(journal);
  }

  /** What waits to become a snapshot of a task, the longest first. */
  public List<Waiting> waiting(String task) {
    return stages.stream()
        .filter(AssemblyStage.class::isInstance)
        .map(AssemblyStage.class::cast)
        .filter(stage -> stage.reader().task().name().value().equals(task))
        .flatMap(stage -> stage.waiting().stream())
        .toList();
  }

  /** The nth event that comes to a link from now on comes twice. */
  public void duplicate(LinkName link, int nth) {
    faults.duplicate(TopicName.link(pipeline.name(), link), nth);
  }

  /** The nth event that comes to a link from now on comes later. */
  public void delay(LinkName link, int nth, Duration by) {
    faults.delay(TopicName.link(pipeline.name(), link), nth, by);
  }

  /** The next events of a link come in the opposite order, those of one key in theirs. */
  public void reorder(LinkName link, int events) {
    faults.reorder(TopicName.link(pipeline.name(), link), events);
  }

  /** The nth call of a task from now on fails. */
  public void fail(String task, int nth) {
    faults.fail(task, nth);
  }

  Instant begin() {
    return begin;
  }

  MemoryLog log() {
    return log;
  }

  Serving serving() {
    return serving;
  }

  FunctionCaller functions() {
    return functions;
  }

  void append(ProducerRecord<byte[], byte[]> record) {
    faults.pass(record, now).forEach(each -> log.append(each, now));
  }

  void append(Appendable appendable) {
    appendable.records().forEach(this::append);
    journal.add(appendable.journal());
  }

  /** The journal of what assembly refuses comes as records only. */
  void journal(List<InvocationRecord> records) {
    journal.addAll(records);
  }

  /** Functions that are here already. */
  private static final class InPlace implements Serving {
    @Override
    public void apply(Definition definition) {}

    @Override
    public void remove(String pipeline) {}

    @Override
    public Lease acquire(PipelineName pipeline, Task task, Duration limit) {
      return new Lease() {
        @Override
        public URI endpoint() {
          return URI.create("memory:/" + task.name());
        }

        @Override
        public String instance() {
          return "memory";
        }

        @Override
        public Optional<Duration> coldStart() {
          return Optional.empty();
        }

        @Override
        public boolean bundles() {
          return false;
        }

        @Override
        public void failed() {}

        @Override
        public void close() {}
      };
    }

    @Override
    public void prewarm(PipelineName pipeline, Task task) {}

    @Override
    public List<AppStatus> status() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
