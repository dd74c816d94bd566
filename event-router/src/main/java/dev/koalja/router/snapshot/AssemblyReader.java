package dev.koalja.router.snapshot;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.router.link.ReaderStages;
import dev.koalja.router.link.TopicReader;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.Completion;
import dev.koalja.router.reply.Position;
import dev.koalja.router.state.HeldException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Puts the arrivals of a joining task together to snapshots. Reads nothing but arrivals; what an
 * arrival changes, the snapshot it completes, and the position commit in one transaction. So a
 * crash, a rebalance or another batching changes nothing: the next owner restores the state from
 * its topic and goes on behind the last arrival that counted.
 */
public final class AssemblyReader extends TopicReader {
  /** Of each partition. */
  private static final int MAX_KEYS = 100_000;

  /** Of all partitions of a task together. */
  private static final long MAX_BYTES = 128L * 1024 * 1024;

  private final Snapshot snapshot;
  private final String stateTopic;
  private final AssemblyRecords records;
  private final Map<TopicPartition, Partition> partitions = new ConcurrentHashMap<>();

  /** A partition's state; guarded by itself. */
  private static final class Partition {
    private final Position position;
    private final Assembly assembly;
    private boolean marked;

    Partition(Position position, Assembly assembly, boolean marked) {
      this.position = position;
      this.assembly = assembly;
      this.marked = marked;
    }
  }

  public AssemblyReader(Reader reader, long revision, ReaderStages stages, CommitLane lane) {
    super(reader, revision, stages, lane);
    this.snapshot = reader.task().snapshot().orElseThrow();
    this.stateTopic = TopicName.state(reader.pipeline(), reader.task().name());
    this.records = new AssemblyRecords(reader, this::revision, stages.appender());
  }

  @Override
  protected void assigned(Position position, long from, boolean fresh, int parked)
      throws HeldException {
    Limits limits = new Limits(MAX_KEYS, MAX_BYTES / snapshot.partitions());
    Assembly assembly = new Assembly(snapshot, reader().task().inputs(), limits);
    boolean marked = false;
    if (fresh) {
      StateTopic.requireNone(
          stages().settings().kafka(),
          new TopicPartition(stateTopic, position.partition().partition()));
      assembly.restored();
    } else {
      StateTopic.restore(
          stages().settings().kafka(),
          new TopicPartition(stateTopic, position.partition().partition()),
          assembly,
          from);
      marked = true;
    }
    partitions.put(position.partition(), new Partition(position, assembly, marked));
  }

  @Override
  protected void revoked(Position position) {
    partitions.remove(position.partition());
  }

  @Override
  protected Optional<String> fullBecause(Position position) {
    Partition partition = partitions.get(position.partition());
    if (partition == null) {
      return Optional.empty();
    }
    synchronized (partition) {
      return partition.assembly.full()
          ? Optional.of(
              "%d keys with %d bytes wait to become snapshots, more than are kept: a timeout would end that"
                  .formatted(partition.assembly.keys(), partition.assembly.bytes()))
          : Optional.empty();
    }
  }

  @Override
  protected void accept(Position position, ConsumerRecord<byte[], byte[]> record) {
    Partition partition = partitions.get(position.partition());
    if (partition == null) {
      throw new IllegalStateException(position.partition() + " was read without its state");
    }
    Arrival arrival;
    try {
      arrival = Arrivals.read(record);
    } catch (IllegalArgumentException e) {
      mark(partition);
      quarantine(position, record, "no arrival: " + e.getMessage());
      return;
    }
    stages().metrics().read(reader());
    TraceParent trace = trace(record);
    // what was due when it arrived comes first, so that the order of arrivals decides and not when
    // they are read
    while (passTime(partition, arrival.arrived(), trace)) {
      // more is due
    }
    Step step;
    synchronized (partition) {
      step = partition.assembly.arrive(arrival);
    }
    submit(partition, record.offset(), bytes(record), step, trace);
  }

  /**
   * The clock counts only where every arrival was read: after a standstill, what is still to be
   * read may complete what has waited for long. A full state takes no arrivals, so there time alone
   * can make room.
   */
  @Override
  protected boolean ticks() {
    return true;
  }

  @Override
  protected void tick(Set<TopicPartition> caughtUp) {
    Instant now = stages().clock().instant();
    for (Partition partition : partitions.values()) {
      boolean full;
      synchronized (partition) {
        full = partition.assembly.full();
      }
      if (full || caughtUp.contains(partition.position.partition())) {
        // what is due waits while nothing can be committed: memory has a bound
        while (roomForResults() && passTime(partition, now, TraceParent.start())) {
          // more is due
        }
      }
    }
  }

  /** Does a part of what is due, if anything is. */
  private boolean passTime(Partition partition, Instant now, TraceParent trace) {
    Step step;
    synchronized (partition) {
      Optional<Instant> next = partition.assembly.nextTick();
      if (next.isEmpty() || next.get().isAfter(now)) {
        return false;
      }
      step = partition.assembly.tick(now);
    }
    submit(partition, Completion.NO_OFFSET, 0, step, trace);
    return true;
  }

  /** Before a position moves there is a mark: what has one and no mark has lost its state. */
  private void mark(Partition partition) {
    if (!partition.marked) {
      submit(
          partition,
          Completion.NO_OFFSET,
          0,
          new Step(List.of(), List.of(), List.of()),
          TraceParent.start());
    }
  }

  private void submit(Partition partition, long offset, long bytes, Step step, TraceParent trace) {
    List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>();
    int number = partition.position.partition().partition();
    if (!partition.marked) {
      // tells a state that is empty from one that somebody deleted
      all.add(StateTopic.marker(stateTopic, number));
      partition.marked = true;
    }
    for (StateRecord change : step.changes()) {
      all.add(new ProducerRecord<>(stateTopic, number, change.key(), change.value()));
    }
    AssemblyRecords.Outcome outcome = records.of(step, partition.position.partition(), trace);
    all.addAll(outcome.records());
    submit(
        partition.position,
        offset,
        bytes,
        all,
        () -> outcome.journal().forEach(each -> stages().metrics().committed(reader(), each)),
        () -> {});
  }

  /** What waits, the longest first. */
  public List<Waiting> waiting(int limit, Optional<String> key) {
    List<Waiting> waiting = new ArrayList<>();
    for (Partition partition : partitions.values()) {
      synchronized (partition) {
        waiting.addAll(partition.assembly.waiting(limit, key));
      }
    }
    waiting.sort(Comparator.comparing(Waiting::since));
    return waiting.subList(0, Math.min(limit, waiting.size()));
  }

  private static TraceParent trace(ConsumerRecord<byte[], byte[]> record) {
    var header = record.headers().lastHeader("traceparent");
    return Optional.ofNullable(header == null ? null : header.value())
        .map(value -> new String(value, StandardCharsets.UTF_8))
        .flatMap(TraceParent::parse)
        .map(TraceParent::child)
        .orElseGet(TraceParent::start);
  }
}
