package dev.koalja.router.reply;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
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
  private static final int MAX_EVENTS = 1000;
  private static final long MAX_BYTES = 1024 * 1024;
  private static final Duration REFUSED_PAUSE = Duration.ofMillis(20);
  private static final Duration OUTAGE_PAUSE = Duration.ofMillis(200);

  private final LaneProducer producer;
  private final Map<Group, Deque<Completion>> waiting = new LinkedHashMap<>();
  private final Map<Group, Long> notBefore = new HashMap<>();
  private final Object transaction = new Object();
  private final Thread thread;
  private volatile boolean stopping;
  private int size;
  private boolean busy;

  /** The outcome of one try to commit a batch. */
  private sealed interface Attempt {
    record Committed() implements Attempt {}

    record GroupRefused(Group group) implements Attempt {}

    record Failed(KafkaException cause) implements Attempt {}
  }

  public CommitLane(String name, LaneProducer producer) {
    this.producer = producer;
    this.thread = Thread.ofPlatform().name("koalja-lane-" + name).start(this::run);
  }

  /** Hands over a finished invocation. Never blocks for Kafka. */
  public void submit(Completion completion) {
    synchronized (waiting) {
      waiting
          .computeIfAbsent(completion.position().group(), _ -> new ArrayDeque<>())
          .add(completion);
      size++;
      waiting.notifyAll();
    }
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
      Deque<Completion> queue = waiting.get(group);
      return (queue == null || queue.isEmpty()) && !busy;
    }
  }

  /** A reader is gone for good: nothing of it is kept. */
  public void forget(Group group) {
    synchronized (waiting) {
      Deque<Completion> queue = waiting.remove(group);
      notBefore.remove(group);
      size -= queue == null ? 0 : queue.size();
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
    } finally {
      producer.close();
    }
  }

  /** The next batch: what waits of every reader that is not held back. Empty: the lane ends. */
  private List<Completion> take() throws InterruptedException {
    synchronized (waiting) {
      busy = false;
      while (true) {
        if (stopping && size == 0) {
          return List.of();
        }
        long now = System.nanoTime();
        List<Completion> batch = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<Group, Deque<Completion>> entry : waiting.entrySet()) {
          if (notBefore.getOrDefault(entry.getKey(), now) - now > 0) {
            continue;
          }
          Deque<Completion> queue = entry.getValue();
          while (!queue.isEmpty()
              && batch.size() < MAX_EVENTS
              && (batch.isEmpty() || bytes + queue.element().bytes() <= MAX_BYTES)) {
            Completion completion = queue.remove();
            bytes += completion.bytes();
            batch.add(completion);
          }
        }
        if (!batch.isEmpty()) {
          size -= batch.size();
          busy = true;
          return batch;
        }
        waiting.wait(size == 0 ? 0 : REFUSED_PAUSE.toMillis());
      }
    }
  }

  private void putBack(List<Completion> batch, Set<Group> heldBack, Duration pause) {
    synchronized (waiting) {
      for (Completion completion : batch.reversed()) {
        Group group = completion.position().group();
        waiting.computeIfAbsent(group, _ -> new ArrayDeque<>()).addFirst(completion);
        size++;
      }
      for (Group group : heldBack) {
        notBefore.put(group, System.nanoTime() + pause.toNanos());
      }
      waiting.notifyAll();
    }
  }

  private void process(List<Completion> taken) throws InterruptedException {
    Attempt attempt;
    List<Completion> batch;
    synchronized (transaction) {
      batch = new ArrayList<>();
      for (Completion completion : taken) {
        if (completion.position().owned()) {
          batch.add(completion);
        } else {
          completion.dropped().run();
        }
      }
      if (batch.isEmpty()) {
        return;
      }
      attempt = commit(batch);
    }
    switch (attempt) {
      case Attempt.Committed _ -> batch.forEach(completion -> completion.committed().run());
      case Attempt.GroupRefused(var group) -> {
        LOG.debugf("group %s refused a commit during a rebalance: its results wait", group.name());
        putBack(batch, Set.of(group), REFUSED_PAUSE);
      }
      case Attempt.Failed(var cause) -> {
        LOG.warnf(
            "a transaction of %d events failed and is repeated: %s",
            batch.size(), cause.getMessage());
        putBack(batch, Set.of(), OUTAGE_PAUSE);
        if (!stopping) {
          Thread.sleep(OUTAGE_PAUSE);
        }
      }
    }
  }

  private Attempt commit(List<Completion> batch) {
    Map<Position, List<Long>> finished = new LinkedHashMap<>();
    for (Completion completion : batch) {
      finished
          .computeIfAbsent(completion.position(), _ -> new ArrayList<>())
          .add(completion.offset());
    }
    Map<Group, Map<TopicPartition, OffsetAndMetadata>> offsets = new LinkedHashMap<>();
    finished.forEach(
        (position, done) ->
            offsets
                .computeIfAbsent(position.group(), _ -> new HashMap<>())
                .put(position.partition(), position.committableWith(done)));
    Attempt attempt = commit(batch, offsets);
    if (attempt instanceof Attempt.Committed) {
      finished.forEach(Position::finish);
    }
    return attempt;
  }

  private Attempt commit(
      List<Completion> batch, Map<Group, Map<TopicPartition, OffsetAndMetadata>> offsets) {
    try {
      producer.begin();
      for (Completion completion : batch) {
        completion.records().forEach(producer::send);
      }
      for (Map.Entry<Group, Map<TopicPartition, OffsetAndMetadata>> entry : offsets.entrySet()) {
        Group group = entry.getKey();
        ConsumerGroupMetadata membership = group.membership().orElse(null);
        if (membership == null) {
          producer.abort();
          return new Attempt.GroupRefused(group);
        }
        try {
          producer.sendOffsets(entry.getValue(), membership);
        } catch (CommitFailedException e) {
          producer.abort();
          return new Attempt.GroupRefused(group);
        }
      }
      producer.commit();
      return new Attempt.Committed();
    } catch (KafkaException e) {
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
