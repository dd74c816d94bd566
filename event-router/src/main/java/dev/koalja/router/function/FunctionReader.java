package dev.koalja.router.function;

import dev.koalja.pipeline.Delivery.Batch;
import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.Reader;
import dev.koalja.router.admission.Admission;
import dev.koalja.router.admission.Admission.Ticket;
import dev.koalja.router.admission.Effort;
import dev.koalja.router.dispatch.BatchCall;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.dispatch.Invocation.Next;
import dev.koalja.router.dispatch.RetryPolicy;
import dev.koalja.router.link.ReaderLimits;
import dev.koalja.router.link.ReaderStages;
import dev.koalja.router.link.TopicReader;
import dev.koalja.router.parking.ParkedEvents;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.Position;
import dev.koalja.router.reply.ResultAppender.Appendable;
import dev.koalja.router.reply.ResultAppender.Judgement;
import dev.koalja.router.state.HeldException;
import dev.koalja.router.state.KeyedStates;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/**
 * Takes the events of a link, or the snapshots of a task, to the function: lets every key have its
 * turn, calls in a virtual thread each, as {@link Admission} lets them begin. What waits long for
 * another attempt is parked ({@link ParkedEvents}).
 */
public final class FunctionReader extends TopicReader {
  private static final Logger LOG = Logger.getLogger(FunctionReader.class);
  private static final Duration PREWARM_PAUSE = Duration.ofSeconds(1);
  private static final Duration INTERNAL_PAUSE = Duration.ofSeconds(30);
  private static final Object ALL = new Object();

  /** What a function takes in one request unless it says otherwise, less what JSON adds. */
  private static final long MAX_BATCH_BYTES = 4L * 1024 * 1024;

  private final String threadName;
  private final dev.koalja.pipeline.Delivery settings;
  private final RetryPolicy retries;
  private final Runnable prewarm;
  private final Optional<KeyedStates> states;
  private final ParkedEvents parking;

  // guarded by this
  private final KeyScheduler<Work> scheduler = new KeyScheduler<>();
  private final Batches<Work> batches;
  private final Admission admission;
  private final Map<Work, Future<?>> waiting = new IdentityHashMap<>();
  private int retrying;
  private int parked;
  private long parkedBytes;
  private long wakeAt = Long.MAX_VALUE;

  private volatile String lastFailure = "";
  private long prewarmedAt;

  /**
   * An event between its arrival and its commit.
   *
   * @param key whose turn it has
   * @param bytes of its record
   * @param parked whether the position of its partition went on without it
   * @param together how many may be called with together, itself included
   * @param notBefore when it may be called with
   */
  private record Work(
      Position position,
      Invocation invocation,
      Object key,
      long bytes,
      boolean parked,
      int together,
      Instant notBefore) {

    Work notBefore(Instant time) {
      return new Work(position, invocation, key, bytes, parked, together, time);
    }

    Work inBatchesOf(int most) {
      return new Work(position, invocation, key, bytes, parked, most, notBefore);
    }

    /** What failed is called with alone, as it may be what makes a batch fail. */
    Work failed(Instant again, boolean nowParked) {
      return new Work(position, invocation, key, bytes, nowParked, 1, again);
    }

    List<Long> offsets() {
      return List.of(invocation.delivery().offset());
    }
  }

  /**
   * @param prewarm wakes what the events of this reader will need downstream; cheap
   */
  public FunctionReader(
      Reader reader, long revision, ReaderStages stages, CommitLane lane, Runnable prewarm) {
    super(reader, revision, stages, lane);
    this.threadName = "invoke " + reader;
    this.settings = reader.task().delivery();
    this.retries = new RetryPolicy(settings, ThreadLocalRandom.current());
    this.prewarm = prewarm;
    this.states = KeyedStates.of(stages.settings().kafka(), reader);
    this.parking = new ParkedEvents(stages.settings().kafka(), reader);
    this.batches =
        new Batches<>(
            settings.batch().map(Batch::max).orElse(1),
            settings.batch().map(Batch::linger).orElse(Duration.ZERO),
            Work::bytes);
    this.admission = new Admission(settings, ThreadLocalRandom.current());
  }

  @Override
  protected void assigned(Position position, long from, boolean fresh, int parked)
      throws HeldException {
    if (states.isPresent()) {
      states.get().assigned(position, position.partition().partition(), fresh);
    }
    if (parked > 0) {
      List<Work> restored = new ArrayList<>();
      for (ParkedEvents.Parked each : parking.restore(position.partition(), parked)) {
        restored.add(work(position, parked(each)).failed(each.note().notBefore(), true));
      }
      synchronized (this) {
        for (Work work : restored) {
          this.parked++;
          parkedBytes += work.bytes();
          scheduler.offer(work.key(), work); // what comes after it on the link waits behind it
        }
      }
      // nothing else may ever come on this partition
      stages().timer().execute(this::startReady);
    }
  }

  @Override
  protected void revoked(Position position) {
    states.ifPresent(each -> each.revoked(position));
    List<Work> gone = new ArrayList<>();
    synchronized (this) {
      waiting.keySet().stream().filter(work -> work.position() == position).forEach(gone::add);
      for (Work work : gone) {
        Objects.requireNonNull(waiting.remove(work)).cancel(false);
        retrying--;
      }
      gone.addAll(batches.removeIf(work -> work.position() == position));
    }
    gone.forEach(this::abandon);
    stages().timer().execute(this::startReady); // the turn is others' now
  }

  /** The part of a rate that falls to the partitions that are ours. */
  @Override
  protected void owns(int partitions, int all) {
    synchronized (this) {
      admission.share(all == 0 || partitions == 0 ? 1 : Math.min(1.0, (double) partitions / all));
    }
  }

  @Override
  protected synchronized int inFlight() {
    return admission.inFlight();
  }

  @Override
  protected synchronized int retrying() {
    return retrying;
  }

  @Override
  protected synchronized int parked() {
    return parked;
  }

  @Override
  protected synchronized boolean circuitOpen() {
    return admission.open();
  }

  @Override
  protected synchronized int callLimit() {
    return admission.limit();
  }

  @Override
  protected synchronized Optional<String> slowedBecause() {
    return admission.reason(System.nanoTime()).map(open -> open + "; last: " + lastFailure);
  }

  @Override
  protected void accept(Position position, ConsumerRecord<byte[], byte[]> record) {
    Optional<Delivery> event = event(position, record);
    if (event.isEmpty()) {
      return;
    }
    Invocation invocation = new Invocation(event.get());
    Optional<Appendable> refused = stages().appender().refusedByFilter(invocation.delivery());
    if (refused.isPresent()) {
      long bytes = invocation.delivery().size();
      submit(position, record.offset(), bytes, refused.get(), this::startReady);
      return;
    }
    Work work = work(position, invocation);
    synchronized (this) {
      scheduler.offer(work.key(), work);
    }
  }

  private Work work(Position position, Invocation invocation) {
    Object key =
        switch (settings.order()) {
          case KEY -> key(invocation.delivery());
          case ORDERED -> position.partition();
          case UNORDERED -> new Object();
        };
    long bytes = invocation.delivery().size();
    return new Work(position, invocation, key, bytes, false, Batch.MAX, Instant.MIN);
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
    startReady();
    long now = System.nanoTime();
    if (prewarmedAt == 0 || now - prewarmedAt > PREWARM_PAUSE.toNanos()) {
      prewarmedAt = now;
      prewarm.run();
    }
  }

  private void startReady() {
    while (roomForResults()) {
      List<Work> together;
      Ticket ticket;
      synchronized (this) {
        long now = System.nanoTime();
        collect(now);
        Work first = batches.first(now).orElse(null);
        long wait = first == null ? batches.waitFor(now) : admission.waitFor(first.bytes(), now);
        if (wait > 0) {
          wakeIn(wait, now);
          return;
        }
        together =
            batches.take(
                admission.room(), Math.min(admission.roomForBytes(), MAX_BATCH_BYTES), now);
        long bytes = together.stream().mapToLong(Work::bytes).sum();
        ticket = admission.begin(together.size(), bytes, now);
      }
      Thread.ofVirtual().name(threadName).start(() -> call(together, ticket));
    }
  }

  /** What has its turn stands in line for a call. */
  private void collect(long now) {
    Optional<Work> ready = scheduler.next();
    while (ready.isPresent()) {
      Work work = ready.get();
      if (!work.position().owned()) {
        abandon(work); // takes no other's turn, and nothing of a rate
      } else if (!work.notBefore().equals(Instant.MIN)
          && stages().clock().instant().isBefore(work.notBefore())) {
        waitUntil(work);
      } else {
        Object with = settings.batch().isPresent() ? work.position() : ALL;
        batches.add(with, work, work.together(), now);
      }
      ready = scheduler.next();
    }
  }

  /** Something may begin then, without anything else happening. */
  private void wakeIn(long wait, long now) {
    if (wait == Long.MAX_VALUE || wakeAt != Long.MAX_VALUE && wakeAt - now <= wait) {
      return;
    }
    long at = now + wait;
    wakeAt = at;
    stages()
        .timer()
        .schedule(
            () -> {
              synchronized (this) {
                if (wakeAt == at) {
                  wakeAt = Long.MAX_VALUE;
                }
              }
              startReady();
            },
            wait,
            TimeUnit.NANOSECONDS);
  }

  private void call(List<Work> together, Ticket ticket) {
    List<Work> ours = new ArrayList<>();
    for (Work work : together) {
      if (!work.position().owned() || stopping()) {
        abandon(work); // the next owner repeats it; nothing of it was committed here
      } else {
        ours.add(work);
      }
    }
    Effort effort = Effort.NOTHING;
    try {
      if (!ours.isEmpty()) {
        effort = settings.batch().isPresent() ? callTogether(ours) : callAlone(ours.getFirst());
      }
    } finally {
      synchronized (this) {
        admission.end(ticket, effort, System.nanoTime());
      }
      startReady();
    }
  }

  private Effort callAlone(Work work) {
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
      return Effort.NOTHING;
    } catch (Throwable e) {
      LOG.errorf(e, "internal error while calling %s", reader());
      next = work.invocation().internalError(e, retries, stages().clock());
    }
    followSafely(work, next);
    return work.invocation().effort();
  }

  private Effort callTogether(List<Work> works) {
    Map<Invocation, Work> open = new LinkedHashMap<>();
    works.forEach(work -> open.put(work.invocation(), work));
    BatchCall call = new BatchCall(List.copyOf(open.keySet()));
    try {
      BatchCall.Outcome outcome =
          call.attempt(stages().serving(), stages().invoker(), retries, stages().clock());
      outcome.alone().forEach((invocation, next) -> followSafely(taken(open, invocation), next));
      divide(outcome.divided().stream().map(each -> taken(open, each)).toList());
      outcome.succeeded().ifPresent(together -> succeeded(together, open));
    } catch (InterruptedException _) {
      open.values().forEach(this::abandon);
      return Effort.NOTHING;
    } catch (Throwable e) {
      LOG.errorf(e, "internal error while calling %s", reader());
      open.forEach(
          (invocation, work) ->
              followSafely(work, invocation.internalError(e, retries, stages().clock())));
    }
    return call.effort();
  }

  private static Work taken(Map<Invocation, Work> open, Invocation invocation) {
    return Objects.requireNonNull(open.remove(invocation));
  }

  /** One record of the journal, and one commit, for all that went well together. */
  private void succeeded(BatchCall.Together together, Map<Invocation, Work> open) {
    List<Work> works = together.members().stream().map(each -> taken(open, each)).toList();
    try {
      switch (stages().appender().judge(together.invocation(), together.results())) {
        case Judgement.Accepted(var appendable) -> {
          trouble("");
          finished(works, appendable);
        }
        case Judgement.Refused(var reason) when works.size() == 1 ->
            follow(works.getFirst(), reason);
        // nobody knows whose result it is
        case Judgement.Refused _ -> divide(works);
      }
    } catch (Throwable e) {
      LOG.errorf(e, "internal error after calling %s", reader());
      works.forEach(work -> retry(work, INTERNAL_PAUSE, "internal error: " + e));
    }
  }

  private void divide(List<Work> works) {
    int fewer = Math.max(1, works.size() / 2);
    works.forEach(work -> again(work.inBatchesOf(fewer)));
  }

  private void followSafely(Work work, Next next) {
    try {
      follow(work, next);
    } catch (Throwable e) {
      // its key must come free whatever happens
      LOG.errorf(e, "internal error after calling %s", reader());
      retry(work, INTERNAL_PAUSE, "internal error: " + e);
    }
  }

  private void follow(Work work, Next next) {
    switch (next) {
      case Next.Retry(var pause, var reason) -> retry(work, pause, reason);
      case Next.AppendResults results -> {
        trouble("");
        finished(List.of(work), stages().appender().results(work.invocation(), results));
      }
      case Next.DeadLetter letter -> {
        failedWith(letter.cause());
        finished(List.of(work), stages().appender().deadLetter(work.invocation(), letter));
      }
      case Next.Expire(var cause) ->
          finished(List.of(work), stages().appender().expired(work.invocation(), cause));
    }
  }

  private void retry(Work work, Duration wait, String reason) {
    stages().metrics().retried(reader());
    failedWith(reason);
    Instant notBefore = stages().clock().instant().plus(wait);
    if (work.invocation().attempts().isEmpty()) {
      trouble(reason);
      waitUntil(work.notBefore(notBefore));
      return;
    }
    boolean parks =
        !work.parked()
            && settings.order() != Order.ORDERED
            && wait.compareTo(stages().settings().limits().parkFrom()) >= 0
            && roomToPark(work)
            && parking.available();
    Work next = work.failed(notBefore, work.parked() || parks);
    if (parks) {
      synchronized (this) {
        parked++;
        parkedBytes += work.bytes();
      }
      submit(
          work.position(),
          work.offsets(),
          work.bytes(),
          1,
          List.of(parking.record(work.invocation(), notBefore)),
          () -> {},
          this::startReady);
    } else if (work.parked()) {
      // with the attempt it had since
      ProducerRecord<byte[], byte[]> again = parking.record(work.invocation(), notBefore);
      submit(work.position(), List.of(), 0, 0, List.of(again), () -> {}, () -> {});
    }
    waitUntil(next);
  }

  private void failedWith(String cause) {
    lastFailure = cause.lines().findFirst().orElse("");
  }

  private synchronized boolean roomToPark(Work work) {
    ReaderLimits limits = stages().settings().limits();
    return parked < limits.events() && parkedBytes + work.bytes() <= limits.bytes();
  }

  /** It has its turn and cannot use it yet. */
  private void waitUntil(Work work) {
    Duration wait = Duration.between(stages().clock().instant(), work.notBefore());
    synchronized (this) {
      retrying++;
      waiting.put(
          work,
          stages()
              .timer()
              .schedule(() -> due(work), Math.max(0, wait.toNanos()), TimeUnit.NANOSECONDS));
    }
  }

  private void due(Work work) {
    synchronized (this) {
      if (waiting.remove(work) == null) {
        return; // its partition is gone
      }
      retrying--;
      scheduler.again(work.key(), work);
    }
    startReady();
  }

  /** It has its turn once more, at once. */
  private void again(Work work) {
    synchronized (this) {
      scheduler.again(work.key(), work);
    }
  }

  private void finished(List<Work> works, Appendable appendable) {
    Position position = works.getFirst().position();
    states.ifPresent(
        each -> appendable.records().forEach(record -> each.changed(position, record)));
    List<Long> offsets = new ArrayList<>();
    List<ProducerRecord<byte[], byte[]>> ends = new ArrayList<>();
    long bytes = 0;
    for (Work work : works) {
      if (work.parked()) {
        ends.add(parking.end(work.invocation()));
      } else {
        offsets.add(work.invocation().delivery().offset());
        bytes += work.bytes();
      }
    }
    submit(position, offsets, bytes, -ends.size(), appendable, ends, this::startReady);
    // the lane keeps the order, so the next of a key need not wait for the commit
    works.forEach(this::leave);
  }

  private void abandon(Work work) {
    if (!work.parked()) {
      discard(work.bytes());
    }
    leave(work);
  }

  private synchronized void leave(Work work) {
    if (work.parked()) {
      parked--;
      parkedBytes -= work.bytes();
    }
    scheduler.finished(work.key());
  }
}
