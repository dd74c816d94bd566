package dev.koalja.router.function;

import dev.koalja.pipeline.Reader;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.dispatch.Invocation.Next;
import dev.koalja.router.dispatch.RetryPolicy;
import dev.koalja.router.link.ReaderStages;
import dev.koalja.router.link.TopicReader;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.Position;
import dev.koalja.router.reply.ResultAppender.Appendable;
import dev.koalja.router.state.HeldException;
import dev.koalja.router.state.KeyedStates;
import io.cloudevents.CloudEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/**
 * Takes the events of a link, or the snapshots of a task, to the function: lets every key have its
 * turn, calls in a virtual thread each. Calls are bounded by {@code maxInFlight}.
 */
public final class FunctionReader extends TopicReader {
  private static final Logger LOG = Logger.getLogger(FunctionReader.class);
  private static final Duration PREWARM_PAUSE = Duration.ofSeconds(1);
  private static final Duration INTERNAL_PAUSE = Duration.ofSeconds(30);

  private final String threadName;
  private final RetryPolicy retries;
  private final Runnable prewarm;
  private final Optional<KeyedStates> states;
  private final KeyScheduler<Work> scheduler = new KeyScheduler<>();
  private int inFlight;
  private int retrying;
  private long prewarmedAt;

  /** An event between its arrival and its commit. */
  private record Work(Position position, Invocation invocation, Object key, long bytes) {}

  /**
   * @param prewarm wakes what the events of this reader will need downstream; cheap
   */
  public FunctionReader(
      Reader reader, long revision, ReaderStages stages, CommitLane lane, Runnable prewarm) {
    super(reader, revision, stages, lane);
    this.threadName = "invoke " + reader;
    this.retries = new RetryPolicy(reader.task().delivery(), ThreadLocalRandom.current());
    this.prewarm = prewarm;
    this.states = KeyedStates.of(stages.settings().bootstrapServers(), reader);
  }

  @Override
  protected void assigned(Position position, long from, boolean fresh) throws HeldException {
    if (states.isPresent()) {
      states.get().assigned(position, position.partition().partition(), fresh);
    }
  }

  @Override
  protected void revoked(Position position) {
    states.ifPresent(each -> each.revoked(position));
  }

  @Override
  protected synchronized int inFlight() {
    return inFlight;
  }

  @Override
  protected synchronized int retrying() {
    return retrying;
  }

  @Override
  protected void accept(Position position, ConsumerRecord<byte[], byte[]> record) {
    Optional<CloudEvent> event = event(position, record);
    if (event.isEmpty()) {
      return;
    }
    Invocation invocation = new Invocation(delivery(record, event.get()));
    long bytes = invocation.delivery().size();
    Optional<Appendable> refused = stages().appender().refusedByFilter(invocation.delivery());
    if (refused.isPresent()) {
      submit(position, record.offset(), bytes, refused.get(), this::startReady);
      return;
    }
    Object key =
        switch (reader().task().delivery().order()) {
          case KEY -> key(invocation.delivery());
          case ORDERED -> position.partition();
          case UNORDERED -> new Object();
        };
    synchronized (this) {
      scheduler.offer(key, new Work(position, invocation, key, bytes));
    }
  }

  /** Snapshots without a key are all of one: that nothing is correlated is what they share. */
  private Object key(Delivery delivery) {
    if (delivery.key().isPresent()) {
      return delivery.key().get();
    }
    return reader().stage() == Reader.Stage.SNAPSHOT ? "" : new Object();
  }

  /** Records of a poll are all accepted: starts what can start. */
  @Override
  protected void acceptedAll() {
    long now = System.nanoTime();
    if (prewarmedAt == 0 || now - prewarmedAt > PREWARM_PAUSE.toNanos()) {
      prewarmedAt = now;
      prewarm.run();
    }
    startReady();
  }

  private void startReady() {
    while (roomForResults()) {
      Work work;
      synchronized (this) {
        if (inFlight >= reader().task().delivery().maxInFlight()) {
          return;
        }
        work = scheduler.next().orElse(null);
        if (work == null) {
          return;
        }
        inFlight++;
      }
      Work next = work;
      Thread.ofVirtual().name(threadName).start(() -> attempt(next));
    }
  }

  private void attempt(Work work) {
    if (!work.position().owned() || stopping()) {
      // the next owner repeats it; nothing of it was committed here
      abandon(work);
      return;
    }
    Next next;
    try {
      next =
          work.invocation()
              .attempt(
                  stages().serving(),
                  stages().invoker(),
                  retries,
                  stages().clock(),
                  delivery ->
                      states.map(each -> each.with(work.position(), delivery)).orElse(delivery));
    } catch (InterruptedException _) {
      abandon(work);
      return;
    } catch (Throwable e) {
      LOG.errorf(e, "internal error while calling %s", reader());
      next = work.invocation().internalError(e, retries, stages().clock());
    }
    try {
      follow(work, next);
    } catch (Throwable e) {
      // its slot and its key must come free whatever happens
      LOG.errorf(e, "internal error after calling %s", reader());
      retry(work, INTERNAL_PAUSE, "internal error: " + e);
    }
  }

  private void follow(Work work, Next next) {
    switch (next) {
      case Next.Retry(var pause, var reason) -> retry(work, pause, reason);
      case Next.AppendResults results -> {
        trouble("");
        finished(work, stages().appender().results(work.invocation(), results));
      }
      case Next.DeadLetter letter ->
          finished(work, stages().appender().deadLetter(work.invocation(), letter));
    }
  }

  private void retry(Work work, Duration wait, String reason) {
    stages().metrics().retried(reader());
    if (work.invocation().attempts().isEmpty()) {
      trouble(reason);
    }
    synchronized (this) {
      inFlight--;
      retrying++;
    }
    stages()
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
    long offset = work.invocation().delivery().offset();
    states.ifPresent(
        each -> appendable.records().forEach(record -> each.changed(work.position(), record)));
    submit(work.position(), offset, work.bytes(), appendable, this::startReady);
    synchronized (this) {
      inFlight--;
      // the lane keeps the order, so the next of the key need not wait for the commit
      scheduler.finished(work.key());
    }
    startReady();
  }

  private void abandon(Work work) {
    discard(work.bytes());
    synchronized (this) {
      inFlight--;
      scheduler.finished(work.key());
    }
    startReady();
  }
}
