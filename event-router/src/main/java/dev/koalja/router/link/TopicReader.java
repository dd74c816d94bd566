package dev.koalja.router.link;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.Completion;
import dev.koalja.router.reply.EventRecords;
import dev.koalja.router.reply.Group;
import dev.koalja.router.reply.Position;
import dev.koalja.router.reply.ResultAppender.Appendable;
import dev.koalja.router.state.HeldException;
import io.cloudevents.CloudEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
  private final long revision;
  private final ReaderStages stages;
  private final CommitLane lane;
  private final PollLoop loop;
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
    return Stream.of(loop.reason().orElse(""), notCommitted, trouble)
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
          loop.lag());
    }
  }

  /** Calls under way. */
  protected int inFlight() {
    return 0;
  }

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
    if (position.deliver(record.offset())) {
      synchronized (this) {
        buffered++;
        bufferedBytes += bytes(record);
      }
      accept(position, record);
    }
  }

  protected static long bytes(ConsumerRecord<byte[], byte[]> record) {
    return 64L
        + Math.max(0, record.serializedKeySize())
        + Math.max(0, record.serializedValueSize());
  }

  /**
   * A record has to be dealt with: by {@link #submit} or {@link #discard}, now or later. Called by
   * the poll thread, in the order of the partition.
   */
  protected abstract void accept(Position position, ConsumerRecord<byte[], byte[]> record);

  /** Records of a poll are all accepted. */
  protected void acceptedAll() {}

  /**
   * A partition is ours, and is about to be read. Called by the poll thread.
   *
   * @param from its committed position
   * @param fresh whether nothing of it was ever finished
   * @throws HeldException when it must not be read
   */
  protected void assigned(Position position, long from, boolean fresh) throws HeldException {}

  /** A partition is ours no more; nothing of it will be committed. */
  protected void revoked(Position position) {}

  /** Why no more of a partition can be taken in at present; empty when it can. */
  protected Optional<String> fullBecause(Position position) {
    return Optional.empty();
  }

  /**
   * Some time has passed. Called by the poll thread, at least every 200 ms.
   *
   * @param caughtUp the partitions of which everything that is committed was read
   */
  protected void tick(Set<TopicPartition> caughtUp) {}

  /** The event of a record; one that cannot be read is quarantined, and left to nobody. */
  protected final Optional<CloudEvent> event(
      Position position, ConsumerRecord<byte[], byte[]> record) {
    return switch (EventParser.parse(record)) {
      case EventParser.Parsed.Unreadable(var reason) -> {
        quarantine(position, record, reason);
        yield Optional.empty();
      }
      case EventParser.Parsed.Event(var event) -> {
        stages.metrics().read(reader);
        yield Optional.of(event);
      }
    };
  }

  /** A record that cannot be used goes to the reader's quarantine. */
  protected final void quarantine(
      Position position, ConsumerRecord<byte[], byte[]> record, String reason) {
    Appendable appendable =
        stages.appender().quarantine(reader, revision, record, invocation(record).value(), reason);
    submit(position, record.offset(), bytes(record), appendable, () -> {});
  }

  private InvocationId invocation(ConsumerRecord<byte[], byte[]> record) {
    return InvocationId.of(
        reader,
        record.topic(),
        record.partition(),
        record.offset(),
        Instant.ofEpochMilli(record.timestamp()));
  }

  /** The event of a record on its way to the task. */
  protected final Delivery delivery(ConsumerRecord<byte[], byte[]> record, CloudEvent event) {
    return new Delivery(
        reader,
        revision,
        event,
        record.topic(),
        record.partition(),
        record.offset(),
        Instant.ofEpochMilli(record.timestamp()),
        EventParser.key(record),
        (int) bytes(record),
        invocation(record),
        EventParser.trace(record).child());
  }

  /** What became of an event is to be made durable, with its position. */
  protected final void submit(
      Position position, long offset, long bytes, Appendable appendable, Runnable released) {
    stages.metrics().finished(reader, appendable.journal());
    submit(
        position,
        offset,
        bytes,
        appendable.records(),
        () -> stages.metrics().committed(reader, appendable.journal()),
        released);
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
    long results = records.stream().mapToLong(EventRecords::size).sum();
    int events = offset == Completion.NO_OFFSET ? 0 : 1;
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
            offset,
            records,
            results,
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
