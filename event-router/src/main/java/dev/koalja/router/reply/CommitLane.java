package dev.koalja.router.reply;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.jboss.logging.Logger;

/**
 * Makes results durable: one thread, one undecided transaction at a time.
 *
 * <pre>
 *  finished invocations ─▶ │ waiting, per reader, in order │ ─▶ begin · append · offsets · commit ─▶ links
 *                          └──────────── first again when a transaction was refused ◀──┘
 * </pre>
 *
 * Results, journal records and positions of a batch commit together or not at all. A refused batch
 * is appended again, byte for byte, before anything newer of its reader, so that offset order is
 * the order of completion. A transaction counts as decided when its commit has returned.
 *
 * <p>Revocation takes the lane's lock ({@link #fence}): after it no commit for the revoked
 * partitions can happen, since Kafka itself does not check who owns a partition.
 */
public final class CommitLane implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CommitLane.class);

  /** Their positions are sent one after the other, and a transaction has a time limit. */
  private static final int MAX_READERS = 50;

  private static final int MAX_EVENTS = 5000;
  private static final long MAX_BYTES = 8 * 1024 * 1024;
  private static final Duration REFUSED_PAUSE = Duration.ofMillis(20);
  private static final Duration FAILED_PAUSE = Duration.ofMillis(200);
  private static final Duration MAX_FAILED_PAUSE = Duration.ofSeconds(30);

  private final LaneProducer producer;
  private final Consumer<Throwable> died;
  private final Map<Group, Queue> waiting = new LinkedHashMap<>(); // guarded by itself
  private final Set<Group> committing = new HashSet<>(); // guarded by waiting
  private final Object transaction = new Object();
  private final Thread thread;
  private volatile boolean stopping;

  /** What waits of one reader, and how it is held back after failures. */
  private static final class Queue {
    private final Deque<Completion> completions = new ArrayDeque<>();
    private int limit = MAX_EVENTS;
    private int failures;
    private long notBefore = System.nanoTime();

    boolean ready(long now) {
      return !completions.isEmpty() && notBefore - now <= 0;
    }

    void holdBack(Duration pause) {
      notBefore = System.nanoTime() + pause.toNanos();
    }
  }

  /** What a batch finishes of one partition. */
  private static final class Done {
    private final List<Long> offsets = new ArrayList<>();
    private int parked;
  }

  /** The outcome of one try to commit a batch. */
  private sealed interface Attempt {
    record Committed() implements Attempt {}

    record GroupRefused(Group group) implements Attempt {}

    record Failed(RuntimeException cause) implements Attempt {}
  }

  /**
   * @param died told when the lane ends by an error of ours: the router can do nothing more
   */
  public CommitLane(String name, LaneProducer producer, Consumer<Throwable> died) {
    this.producer = producer;
    this.died = died;
    this.thread = Thread.ofPlatform().name("koalja-lane-" + name).start(this::run);
  }

  /** Hands over a finished invocation. Never blocks for Kafka. */
  public void submit(Completion completion) {
    synchronized (waiting) {
      queue(completion.position().group()).completions.add(completion);
      waiting.notifyAll();
    }
  }

  private Queue queue(Group group) {
    return waiting.computeIfAbsent(group, _ -> new Queue());
  }

  /**
   * Runs {@code change} while no transaction is open. To be used to give up partitions: what the
   * lane decides afterwards sees the change. Waits for at most one commit.
   */
  public void fence(Runnable change) {
    synchronized (transaction) {
      change.run();
    }
  }

  /** Whether everything handed over so far of {@code group} is durable or dropped. */
  public boolean idle(Group group) {
    synchronized (waiting) {
      Queue queue = waiting.get(group);
      return (queue == null || queue.completions.isEmpty()) && !committing.contains(group);
    }
  }

  /** A reader is gone for good: nothing of it is kept. */
  public void forget(Group group) {
    synchronized (waiting) {
      waiting.remove(group);
    }
  }

  private void run() {
    try {
      while (true) {
        List<Completion> batch = take();
        if (batch.isEmpty()) {
          return;
        }
        process(batch);
      }
    } catch (InterruptedException _) {
      LOG.debugf("lane %s interrupted", thread.getName());
    } catch (Throwable e) {
      LOG.fatalf(e, "lane %s ended", thread.getName());
      died.accept(e);
    } finally {
      producer.close();
    }
  }

  /** The next batch: what waits of every reader that is not held back. Empty: the lane ends. */
  private List<Completion> take() throws InterruptedException {
    synchronized (waiting) {
      committing.clear();
      while (true) {
        boolean empty = waiting.values().stream().allMatch(queue -> queue.completions.isEmpty());
        if (stopping && empty) {
          return List.of();
        }
        List<Completion> batch = collect();
        if (!batch.isEmpty()) {
          batch.forEach(completion -> committing.add(completion.position().group()));
          return batch;
        }
        waiting.wait(empty ? 0 : REFUSED_PAUSE.toMillis());
      }
    }
  }

  /**
   * Takes of every reader in turn; who was served goes to the end. A reader in doubt goes alone.
   */
  private List<Completion> collect() {
    long now = System.nanoTime();
    List<Completion> batch = new ArrayList<>();
    long bytes = 0;
    int readers = 0;
    for (Group group : List.copyOf(waiting.keySet())) {
      Queue queue = queue(group);
      if (queue.completions.isEmpty() && queue.failures == 0) {
        waiting.remove(group);
        continue;
      }
      boolean inDoubt = queue.failures > 0;
      if (!queue.ready(now) || inDoubt && !batch.isEmpty()) {
        continue;
      }
      if (readers++ == MAX_READERS) {
        break;
      }
      int taken = 0;
      while (!queue.completions.isEmpty()
          && taken < queue.limit
          && batch.size() < MAX_EVENTS
          && (batch.isEmpty() || bytes + queue.completions.element().bytes() <= MAX_BYTES)) {
        Completion completion = queue.completions.remove();
        bytes += completion.bytes();
        batch.add(completion);
        taken++;
      }
      waiting.remove(group);
      waiting.put(group, queue);
      if (inDoubt) {
        return batch;
      }
    }
    return batch;
  }

  private void putBack(List<Completion> batch) {
    for (Completion completion : batch.reversed()) {
      queue(completion.position().group()).completions.addFirst(completion);
    }
    waiting.notifyAll();
  }

  /**
   * After a failure readers go one by one, and the one that fails with ever fewer events, so that
   * what cannot be committed holds its own reader back and no other.
   */
  private void suspect(Set<Group> groups, int events) {
    for (Group group : groups) {
      Queue queue = queue(group);
      queue.failures++;
      if (groups.size() == 1) {
        queue.limit = Math.max(1, events / 2);
        Duration pause = FAILED_PAUSE.multipliedBy(1L << Math.min(queue.failures - 1, 8));
        queue.holdBack(pause.compareTo(MAX_FAILED_PAUSE) > 0 ? MAX_FAILED_PAUSE : pause);
      } else {
        queue.holdBack(FAILED_PAUSE);
      }
    }
  }

  private void process(List<Completion> taken) {
    Attempt attempt;
    List<Completion> batch = new ArrayList<>();
    synchronized (transaction) {
      for (Completion completion : taken) {
        if (completion.position().owned()) {
          batch.add(completion);
        } else {
          tell(completion.dropped());
        }
      }
      if (batch.isEmpty()) {
        return;
      }
      attempt = commit(batch);
    }
    Set<Group> groups = new LinkedHashSet<>();
    batch.forEach(completion -> groups.add(completion.position().group()));
    switch (attempt) {
      case Attempt.Committed _ -> {
        synchronized (waiting) {
          for (Group group : groups) {
            Queue queue = queue(group);
            queue.failures = 0;
            queue.limit = MAX_EVENTS;
          }
        }
        batch.forEach(completion -> tell(completion.committed()));
      }
      case Attempt.GroupRefused(var group) -> {
        LOG.debugf("group %s refused a commit during a rebalance: its results wait", group.name());
        synchronized (waiting) {
          putBack(batch);
          queue(group).holdBack(REFUSED_PAUSE);
        }
      }
      case Attempt.Failed(var cause) -> {
        LOG.warnf(
            "a transaction of %d events of %s failed and is repeated: %s",
            batch.size(), groups.stream().map(Group::name).toList(), cause.getMessage());
        synchronized (waiting) {
          putBack(batch);
          suspect(groups, batch.size());
        }
        if (groups.size() == 1) {
          groups.forEach(group -> group.notCommitted(cause));
        }
      }
    }
  }

  /** A reader's own error must not end the lane. */
  private static void tell(Runnable reader) {
    try {
      reader.run();
    } catch (RuntimeException e) {
      LOG.error("a reader failed to hear of its commit", e);
    }
  }

  private Attempt commit(List<Completion> batch) {
    Map<Position, Done> finished = new LinkedHashMap<>();
    for (Completion completion : batch) {
      Done done = finished.computeIfAbsent(completion.position(), _ -> new Done());
      done.offsets.addAll(completion.offsets());
      done.parked += completion.parked();
    }
    Map<Position, OffsetAndMetadata> offsets = new LinkedHashMap<>();
    finished.forEach(
        (position, done) ->
            offsets.put(position, position.committableWith(done.offsets, done.parked)));
    Attempt attempt = commit(batch, offsets);
    if (attempt instanceof Attempt.Committed) {
      finished.forEach((position, done) -> position.finish(done.offsets, done.parked));
    }
    return attempt;
  }

  private Attempt commit(List<Completion> batch, Map<Position, OffsetAndMetadata> offsets) {
    Map<Group, Map<TopicPartition, OffsetAndMetadata>> groups = new LinkedHashMap<>();
    offsets.forEach(
        (position, committable) ->
            groups
                .computeIfAbsent(position.group(), _ -> new HashMap<>())
                .put(position.partition(), committable));
    try {
      producer.begin();
      for (Completion completion : batch) {
        completion.records().forEach(producer::send);
      }
      for (Map.Entry<Group, Map<TopicPartition, OffsetAndMetadata>> entry : groups.entrySet()) {
        Group group = entry.getKey();
        ConsumerGroupMetadata membership = group.membership().orElse(null);
        if (membership == null) {
          producer.abort();
          return new Attempt.GroupRefused(group);
        }
        try {
          producer.sendOffsets(entry.getValue(), membership);
        } catch (CommitFailedException | FencedInstanceIdException e) {
          producer.abort();
          return new Attempt.GroupRefused(group);
        }
      }
      producer.commit();
      return new Attempt.Committed();
    } catch (RuntimeException e) {
      return producer.recover(e, offsets) ? new Attempt.Committed() : new Attempt.Failed(e);
    }
  }

  /** Commits what was handed over, then ends; gives up after {@code limit}. */
  public void close(Duration limit) {
    stopping = true;
    synchronized (waiting) {
      waiting.notifyAll();
    }
    try {
      if (!thread.join(limit)) {
        producer.stop();
        thread.interrupt();
        thread.join(Duration.ofSeconds(5));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(10));
  }
}
