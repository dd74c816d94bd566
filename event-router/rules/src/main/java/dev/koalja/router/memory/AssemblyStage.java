package dev.koalja.router.memory;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.router.link.Entrance;
import dev.koalja.router.reply.ResultAppender;
import dev.koalja.router.snapshot.Arrival;
import dev.koalja.router.snapshot.Arrivals;
import dev.koalja.router.snapshot.Assembly;
import dev.koalja.router.snapshot.AssemblyRecords;
import dev.koalja.router.snapshot.Limits;
import dev.koalja.router.snapshot.Step;
import dev.koalja.router.snapshot.Waiting;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Puts the arrivals of a task together to snapshots. */
final class AssemblyStage implements Stage {
  private static final Limits LIMITS = new Limits(100_000, 128L * 1024 * 1024);

  private final MemoryRouter router;
  private final Reader reader;
  private final Entrance entrance;
  private final Assembly assembly;
  private final AssemblyRecords records;
  private int position;

  AssemblyStage(MemoryRouter router, Reader reader, ResultAppender appender) {
    this.router = router;
    this.reader = reader;
    this.entrance = new Entrance(reader, () -> 1, appender);
    this.assembly =
        new Assembly(reader.task().snapshot().orElseThrow(), reader.task().inputs(), LIMITS);
    assembly.restored();
    this.records = new AssemblyRecords(reader, () -> 1, appender);
  }

  Reader reader() {
    return reader;
  }

  @Override
  public boolean step() {
    Optional<ConsumerRecord<byte[], byte[]>> next = router.log().at(reader.topic(), position);
    if (next.isEmpty() || assembly.full()) {
      return passTime(router.instant());
    }
    position++;
    try {
      Arrival arrival = Arrivals.read(next.get());
      while (passTime(arrival.arrived())) {
        // more is due: the order of arrivals decides
      }
      append(assembly.arrive(arrival));
    } catch (IllegalArgumentException e) {
      router.append(entrance.quarantine(next.get(), "no arrival: " + e.getMessage()));
    }
    return true;
  }

  private boolean passTime(Instant now) {
    if (assembly.nextTick().filter(at -> !at.isAfter(now)).isEmpty()) {
      return false;
    }
    append(assembly.tick(now));
    return true;
  }

  private void append(Step step) {
    var outcome = records.of(step, new TopicPartition(reader.topic(), 0), TraceParent.start());
    outcome.records().forEach(router::append);
    router.journal(outcome.journal());
  }

  @Override
  public Optional<Instant> due() {
    return assembly.nextTick();
  }

  List<Waiting> waiting() {
    return assembly.waiting(Integer.MAX_VALUE, Optional.empty());
  }
}
