package dev.koalja.router.link;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.dispatch.Invocation.Next;
import dev.koalja.router.dispatch.RetryPolicy;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.Completion;
import dev.koalja.router.reply.EventRecords;
import dev.koalja.router.reply.Group;
import dev.koalja.router.reply.ResultAppender.Appendable;
import io.cloudevents.CloudEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/**
 * One reader at work: takes records from its {@link PollLoop}, lets every key have its turn, calls
 * the function in a virtual thread each, hands what came of it to the commit lane.
 *
 * <p>Bounded: calls by {@code maxInFlight}, memory by {@link ReaderLimits}; beyond that the poll
 * loop pauses this reader's partitions and no other's.
 */
public final class LinkReader implements Group, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LinkReader.class);
  private static final Duration PREWARM_PAUSE = Duration.ofSeconds(1);
  private static final Duration INTERNAL_PAUSE = Duration.ofSeconds(30);

  private final Reader reader;
  private final long revision;
  private final ReaderStages stages;
  private final CommitLane lane;
  private final RetryPolicy retries;
  private final Runnable prewarm;
  private final PollLoop loop;
  private final KeyScheduler<Work> scheduler = new KeyScheduler<>();
  private int inFlight;
  private int buffered;
  private int retrying;
  private long bufferedBytes;
  private long uncommittedBytes;
  private long prewarmedAt;
  private volatile boolean stopping;
  private volatile String trouble = "";

  /** An event between its arrival and its commit. */
  private record Work(PartitionOwnership position, Invocation invocation, Object key, long bytes) {}

  /**
   * @param prewarm wakes what the events of this reader will need downstream; cheap
   */
  public LinkReader(
      Reader reader, long revision, ReaderStages stages, CommitLane lane, Runnable prewarm) {
    this.reader = reader;
    this.revision = revision;
    this.stages = stages;
    this.lane = lane;
    this.retries = new RetryPolicy(reader.task().delivery(), ThreadLocalRandom.current());
    this.prewarm = prewarm;
    this.loop = new PollLoop(this, reader, stages.settings(), lane);
    stages.metrics().register(this);
  }

  /** Begins to read. */
  public void start() {
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

  /** How it stands, for {@code status}. */
  public synchronized ReaderStatus status() {
    ReaderStatus.State state = stopping ? ReaderStatus.State.STOPPING : loop.state();
    Optional<String> reason =
        loop.reason().or(() -> trouble.isEmpty() ? Optional.empty() : Optional.of(trouble));
    return new ReaderStatus(
        reader.pipeline().value(),
        reader.task().name().value(),
        reader.input().name().value(),
        reader.input().link().value(),
        state,
        reason,
        inFlight,
        buffered,
        retrying,
        loop.lag());
  }

  /** Whether the poll loop has to stop fetching until some of what is here is done. */
  synchronized boolean full() {
    ReaderLimits limits = stages.settings().limits();
    return buffered >= limits.events() || bufferedBytes + uncommittedBytes >= limits.bytes();
  }

  /** Whether enough is done to fetch again. */
  synchronized boolean roomAgain() {
    ReaderLimits limits = stages.settings().limits();
    return buffered <= limits.events() / 2
        && bufferedBytes + uncommittedBytes <= limits.bytes() / 2;
  }

  /** A record was read; called by the poll thread, in the order of the partition. */
  void accept(PartitionOwnership position, ConsumerRecord<byte[], byte[]> record) {
    if (!position.deliver(record.offset())) {
      return;
    }
    long bytes =
        64L + Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    Instant appended = Instant.ofEpochMilli(record.timestamp());
    InvocationId id =
        InvocationId.of(reader, record.topic(), record.partition(), record.offset(), appended);
    switch (EventParser.parse(record)) {
      case EventParser.Parsed.Unreadable(var reason) -> {
        Appendable appendable =
            stages.appender().quarantine(reader, revision, record, id.value(), reason);
        synchronized (this) {
          buffered++;
          bufferedBytes += bytes;
        }
        submit(position, record.offset(), bytes, appendable);
      }
      case EventParser.Parsed.Event(var event) -> {
        stages.metrics().read(reader);
        offer(position, delivery(record, appended, id, event), bytes);
      }
    }
  }

  private Delivery delivery(
      ConsumerRecord<byte[], byte[]> record, Instant appended, InvocationId id, CloudEvent event) {
    return new Delivery(
        reader,
        revision,
        event,
        record.topic(),
        record.partition(),
        record.offset(),
        appended,
        EventParser.key(record),
        Math.max(0, record.serializedValueSize()),
        id,
        EventParser.trace(record).child());
  }

  private void offer(PartitionOwnership position, Delivery delivery, long bytes) {
    Object key =
        switch (reader.task().delivery().order()) {
          case KEY -> delivery.key().<Object>map(each -> each).orElseGet(Object::new);
          case ORDERED -> position.partition();
          case UNORDERED -> new Object();
        };
    synchronized (this) {
      buffered++;
      bufferedBytes += bytes;
      scheduler.offer(key, new Work(position, new Invocation(delivery), key, bytes));
    }
  }

  /** Records of a poll are all accepted: starts what can start. */
  void acceptedAll() {
    long now = System.nanoTime();
    if (prewarmedAt == 0 || now - prewarmedAt > PREWARM_PAUSE.toNanos()) {
      prewarmedAt = now;
      prewarm.run();
    }
    startReady();
  }

  private void startReady() {
    while (true) {
      Work work;
      synchronized (this) {
        if (inFlight >= reader.task().delivery().maxInFlight()
            || uncommittedBytes >= stages.settings().limits().bytes()) {
          return;
        }
        work = scheduler.next().orElse(null);
        if (work == null) {
          return;
        }
        inFlight++;
      }
      Work next = work;
      Thread.ofVirtual().name("invoke " + reader).start(() -> attempt(next));
    }
  }

  private void attempt(Work work) {
    if (!work.position().owned() || stopping) {
      // the next owner repeats it; nothing of it was committed here
      discard(work);
      return;
    }
    Next next;
    try {
      next = work.invocation().attempt(stages.serving(), stages.invoker(), retries, stages.clock());
    } catch (InterruptedException _) {
      discard(work);
      return;
    } catch (Throwable e) {
      LOG.errorf(e, "internal error while calling %s", reader);
      next = work.invocation().internalError(e, retries, stages.clock());
    }
    try {
      follow(work, next);
    } catch (Throwable e) {
      // its slot and its key must come free whatever happens
      LOG.errorf(e, "internal error after calling %s", reader);
      retry(work, INTERNAL_PAUSE, "internal error: " + e);
    }
  }

  private void follow(Work work, Next next) {
    switch (next) {
      case Next.Retry(var pause, var reason) -> retry(work, pause, reason);
      case Next.AppendResults results -> {
        trouble = "";
        finished(work, stages.appender().results(work.invocation(), results));
      }
      case Next.DeadLetter letter ->
          finished(work, stages.appender().deadLetter(work.invocation(), letter));
    }
  }

  private void retry(Work work, Duration wait, String reason) {
    stages.metrics().retried(reader);
    if (work.invocation().attempts().isEmpty()) {
      trouble = reason;
    }
    synchronized (this) {
      inFlight--;
      retrying++;
    }
    stages
        .timer()
        .schedule(
            () -> {
              synchronized (this) {
                retrying--;
                scheduler.again(work.key(), work);
              }
              startReady();
            },
            wait.toNanos(),
            TimeUnit.NANOSECONDS);
    startReady();
  }

  private void finished(Work work, Appendable appendable) {
    InvocationRecord journal = appendable.journal();
    stages.metrics().finished(reader, journal);
    submit(work.position(), work.invocation().delivery().offset(), work.bytes(), appendable);
    synchronized (this) {
      inFlight--;
      // the lane keeps the order, so the next of the key need not wait for the commit
      scheduler.finished(work.key());
    }
    startReady();
  }

  private void submit(PartitionOwnership position, long offset, long bytes, Appendable appendable) {
    long results = appendable.records().stream().mapToLong(EventRecords::size).sum();
    synchronized (this) {
      uncommittedBytes += results;
    }
    Runnable release =
        () -> {
          synchronized (this) {
            buffered--;
            bufferedBytes -= bytes;
            uncommittedBytes -= results;
          }
          startReady();
        };
    lane.submit(
        new Completion(
            position,
            offset,
            appendable.records(),
            results,
            () -> {
              stages.metrics().committed(reader, appendable.journal());
              release.run();
            },
            release));
  }

  private void discard(Work work) {
    synchronized (this) {
      inFlight--;
      buffered--;
      bufferedBytes -= work.bytes();
      scheduler.finished(work.key());
    }
    startReady();
  }

  /**
   * Hands over cleanly: reads no more, lets calls under way end and commit, gives the partitions
   * back. What is not finished by then is repeated by the next owner.
   *
   * @param limit how long to wait for calls under way
   */
  public void close(Duration limit) {
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
      if (inFlight > 0) {
        return false;
      }
    }
    return lane.idle(this);
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(30));
  }
}
