package dev.koalja.router.link;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.parking.ParkedEvents;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.Completion;
import dev.koalja.router.reply.EventRecords;
import dev.koalja.router.reply.Group;
import dev.koalja.router.reply.Position;
import dev.koalja.router.reply.ResultAppender.Appendable;
import dev.koalja.router.state.HeldException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * One reader at work: takes records from its {@link PollLoop}, lets a stage decide what they lead
 * to, hands that to the commit lane.
 *
 * <p>Bounded in memory by {@link ReaderLimits}; beyond that the poll loop pauses this reader's
 * partitions and no other's.
 */
public abstract class TopicReader implements Group, AutoCloseable {
  private final Reader reader;
  private volatile long revision;
  private final ReaderStages stages;
  private final Entrance entrance;
  private final CommitLane lane;
  private final PollLoop loop;
  private final Map<Position, Duplicates> duplicates = new HashMap<>(); // the poll thread's
  private int buffered;
  private long bufferedBytes;
  private long uncommittedBytes;
  private volatile boolean stopping;
  private volatile String trouble = "";
  private volatile String notCommitted = "";

  @SuppressWarnings("this-escape") // the loop is not started before start()
  protected TopicReader(Reader reader, long revision, ReaderStages stages, CommitLane lane) {
    this.reader = reader;
    this.revision = revision;
    this.stages = stages;
    this.entrance = new Entrance(reader, this::revision, stages.appender());
    this.lane = lane;
    this.loop = new PollLoop(this, reader, stages.settings(), lane);
  }

  /** Begins to read. */
  public void start() {
    stages.metrics().register(this);
    loop.start();
  }

  @Override
  public String name() {
    return TopicName.group(reader);
  }

  @Override
  public Optional<ConsumerGroupMetadata> membership() {
    return loop.membership();
  }

  /** Which reader it is. */
  public Reader reader() {
    return reader;
  }

  protected final long revision() {
    return revision;
  }

  /** Says that a later revision is in force, which leaves this reader as it is. */
  public final void revision(long later) {
    revision = later;
  }

  protected final ReaderStages stages() {
    return stages;
  }

  protected final boolean stopping() {
    return stopping;
  }

  /** Why nothing gets on at present, for {@code status}; empty when all is well. */
  protected final void trouble(String reason) {
    trouble = reason;
  }

  @Override
  public void notCommitted(Throwable cause) {
    Throwable first = cause; // only the innermost names the topic
    while (first.getCause() != null) {
      first = first.getCause();
    }
    notCommitted = "what it did cannot be written, and is tried again: " + first.getMessage();
  }

  private Optional<String> reason() {
    return Stream.of(loop.reason().orElse(""), notCommitted, slowedBecause().orElse(""), trouble)
        .filter(each -> !each.isEmpty())
        .findFirst();
  }

  /** How it stands, for {@code status}. */
  public final ReaderStatus status() {
    ReaderStatus.State state = stopping ? ReaderStatus.State.STOPPING : loop.state();
    Optional<String> reason = reason();
    synchronized (this) {
      return new ReaderStatus(
          reader.pipeline().value(),
          reader.task().name().value(),
          reader.input().name().value(),
          reader.input().link().value(),
          state,
          reason,
          inFlight(),
          buffered,
          retrying(),
          parked(),
          circuitOpen(),
          loop.lag());
    }
  }

  /** Calls under way. */
  protected int inFlight() {
    return 0;
  }

  /** Events that are parked. */
  protected int parked() {
    return 0;
  }

  /** Whether the function is taken not to work, and spared. */
  protected boolean circuitOpen() {
    return false;
  }

  /** Calls that may be under way side by side at present. */
  protected int callLimit() {
    return 0;
  }

  /** Why calls do not simply begin; empty when they do. */
  protected Optional<String> slowedBecause() {
    return Optional.empty();
  }

  /** So many of all partitions of the topic are ours. Said by the poll thread to who has a rate. */
  protected void owns(int partitions, int all) {}

  /** Events that wait for another attempt. */
  protected int retrying() {
    return 0;
  }

  /** Whether the poll loop has to stop fetching until some of what is here is done. */
  final synchronized boolean full() {
    ReaderLimits limits = stages.settings().limits();
    return buffered >= limits.events() || bufferedBytes + uncommittedBytes >= limits.bytes();
  }

  /** Whether enough is done to fetch again. */
  final synchronized boolean roomAgain() {
    ReaderLimits limits = stages.settings().limits();
    return buffered <= limits.events() / 2
        && bufferedBytes + uncommittedBytes <= limits.bytes() / 2;
  }

  /** Whether results that are not committed yet leave room for more of them. */
  protected final synchronized boolean roomForResults() {
    return uncommittedBytes < stages.settings().limits().bytes();
  }

  /** A record was read; called by the poll thread, in the order of the partition. */
  final void read(PartitionOwnership position, ConsumerRecord<byte[], byte[]> record) {
    if (!position.deliver(record.offset())) {
      if (duplicates.containsKey(position)
          && EventParser.parse(record) instanceof EventParser.Parsed.Event(var event)) {
        duplicates.get(position).before(event, record); // what comes after may be the same
      }
    } else {
      synchronized (this) {
        buffered++;
        bufferedBytes += bytes(record);
      }
      accept(position, record);
    }
  }

  protected static long bytes(ConsumerRecord<byte[], byte[]> record) {
    return Entrance.bytes(record);
  }

  /**
   * A record has to be dealt with: by {@link #submit} or {@link #discard}, now or later. Called by
   * the poll thread, in the order of the partition.
   */
  protected abstract void accept(Position position, ConsumerRecord<byte[], byte[]> record);

  /** Records of a poll are all accepted. */
  protected void acceptedAll() {}

  /** A partition begins: what came before on it is known, then the stage prepares. */
  final void begin(PartitionOwnership position, long from, boolean fresh, int parked)
      throws HeldException {
    Optional<Duration> window = reader.task().delivery().deduplicate();
    if (window.isPresent() && position.partition().topic().equals(reader.topic())) {
      Duplicates before = new Duplicates(window.get());
      if (!fresh) {
        before.restore(stages.settings().kafka(), position.partition(), from);
      }
      duplicates.put(position, before);
    }
    assigned(position, from, fresh, parked);
  }

  /** A partition is ours no more. */
  final void end(PartitionOwnership position) {
    duplicates.remove(position);
    revoked(position);
  }

  /**
   * A partition is ours, and is about to be read. Called by the poll thread.
   *
   * @param from its committed position
   * @param fresh whether nothing of it was ever finished
   * @param parked how many of its events are parked
   * @throws HeldException when it must not be read
   */
  protected void assigned(Position position, long from, boolean fresh, int parked)
      throws HeldException {}

  /** A partition is ours no more; nothing of it will be committed. */
  protected void revoked(Position position) {}

  /** Why no more of a partition can be taken in at present; empty when it can. */
  protected Optional<String> fullBecause(Position position) {
    return Optional.empty();
  }

  /** Whether time alone leads to something, so that it has to be told of it. */
  protected boolean ticks() {
    return false;
  }

  /**
   * Some time has passed. Called by the poll thread, at least every 200 ms, where {@link #ticks}.
   *
   * @param caughtUp the partitions of which everything that is committed was read
   */
  protected void tick(Set<TopicPartition> caughtUp) {}

  /** The event of a record, unless there is nothing more to do with it. */
  protected final Optional<Delivery> event(
      Position position, ConsumerRecord<byte[], byte[]> record) {
    return switch (entrance.enter(record, duplicates.get(position))) {
      case Entrance.Entered.Event(var delivery) -> {
        stages.metrics().read(reader);
        yield Optional.of(delivery);
      }
      case Entrance.Entered.Settled(var appendable) -> {
        if (appendable.journal().outcome() != InvocationRecord.Outcome.QUARANTINED) {
          stages.metrics().read(reader);
        }
        submit(position, record.offset(), bytes(record), appendable, () -> {});
        yield Optional.empty();
      }
    };
  }

  /** A record that cannot be used goes to the reader's quarantine. */
  protected final void quarantine(
      Position position, ConsumerRecord<byte[], byte[]> record, String reason) {
    Appendable appendable = entrance.quarantine(record, reason);
    submit(position, record.offset(), bytes(record), appendable, () -> {});
  }

  /** A parked event on its way again, as the one that parked it would have gone on. */
  protected final Invocation parked(ParkedEvents.Parked parked) throws HeldException {
    ConsumerRecord<byte[], byte[]> record = parked.record();
    if (!(EventParser.parse(record) instanceof EventParser.Parsed.Event(var event))) {
      throw new HeldException(
          "the parked event of offset %d of %s-%d cannot be read"
              .formatted(record.offset(), record.topic(), record.partition()));
    }
    ParkedEvents.Note note = parked.note();
    return new Invocation(
        new Delivery(
            reader,
            revision,
            event,
            record.topic(),
            record.partition(),
            record.offset(),
            note.appended(),
            EventParser.key(record),
            note.size(),
            entrance.invocation(record),
            EventParser.trace(record),
            List.of()),
        note.attempts(),
        note.coldStart(),
        note.codeRevision());
  }

  /**
   * What became of events is to be made durable.
   *
   * @param ends what is to be appended besides
   */
  protected final void submit(
      Position position,
      List<Long> offsets,
      long bytes,
      int parked,
      Appendable appendable,
      List<ProducerRecord<byte[], byte[]>> ends,
      Runnable released) {
    stages.metrics().finished(reader, appendable.journal());
    List<ProducerRecord<byte[], byte[]>> records = appendable.records();
    if (!ends.isEmpty()) {
      records = new ArrayList<>(records);
      records.addAll(ends);
    }
    int events = offsets.size() - parked;
    submit(
        position,
        offsets,
        bytes,
        parked,
        records,
        () -> stages.metrics().committed(reader, appendable.journal(), events),
        released);
  }

  /** What became of an event is to be made durable, with its position. */
  protected final void submit(
      Position position, long offset, long bytes, Appendable appendable, Runnable released) {
    submit(position, List.of(offset), bytes, 0, appendable, List.of(), released);
  }

  /**
   * Records are to be made durable.
   *
   * @param offset of the record they come of, or {@link Completion#NO_OFFSET}
   * @param bytes of that record
   * @param committed called once they are
   * @param released called once they are, or are another owner's business
   */
  protected final void submit(
      Position position,
      long offset,
      long bytes,
      List<ProducerRecord<byte[], byte[]>> records,
      Runnable committed,
      Runnable released) {
    List<Long> offsets = offset == Completion.NO_OFFSET ? List.of() : List.of(offset);
    submit(position, offsets, bytes, 0, records, committed, released);
  }

  /**
   * Records are to be made durable.
   *
   * @param offsets of the records they come of
   * @param bytes of those records
   * @param parked 1 when an event is parked with them, -1 when one was and is done, else 0
   * @param committed called once they are
   * @param released called once they are, or are another owner's business
   */
  protected final void submit(
      Position position,
      List<Long> offsets,
      long bytes,
      int parked,
      List<ProducerRecord<byte[], byte[]>> records,
      Runnable committed,
      Runnable released) {
    long results = records.stream().mapToLong(EventRecords::size).sum();
    int events = offsets.size();
    synchronized (this) {
      uncommittedBytes += results;
    }
    Runnable release =
        () -> {
          synchronized (this) {
            buffered -= events;
            bufferedBytes -= bytes;
            uncommittedBytes -= results;
          }
          released.run();
        };
    lane.submit(
        new Completion(
            position,
            offsets,
            records,
            results,
            parked,
            () -> {
              notCommitted = "";
              committed.run();
              release.run();
            },
            () -> {
              notCommitted = ""; // the next owner's business
              release.run();
            }));
  }

  /** An event is another owner's business; nothing of it was committed here. */
  protected final synchronized void discard(long bytes) {
    buffered--;
    bufferedBytes -= bytes;
  }

  /**
   * Hands over cleanly: reads no more, lets calls under way end and commit, gives the partitions
   * back. What is not finished by then is repeated by the next owner.
   *
   * @param limit how long to wait for calls under way
   */
  public final void close(Duration limit) {
    stopping = true;
    loop.stopReading();
    Instant deadline = Instant.now().plus(limit);
    try {
      while (Instant.now().isBefore(deadline) && !drained()) {
        Thread.sleep(5);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    loop.close();
    lane.forget(this);
    stages.metrics().remove(this);
  }

  private boolean drained() {
    synchronized (this) {
      if (inFlight() > 0) {
        return false;
      }
    }
    return lane.idle(this);
  }

  @Override
  public final void close() {
    close(Duration.ofSeconds(30));
  }
}
