package dev.koalja.router.link;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.state.HeldException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that touches a reader's consumer: polls, pauses what is full, publishes group
 * membership, gives partitions up under the lane's fence. Never calls a function, so it never
 * misses a rebalance. After an error it opens a new consumer.
 */
final class PollLoop {
  private static final Logger LOG = Logger.getLogger(PollLoop.class);
  private static final Duration POLL = Duration.ofMillis(200);

  /** What comes is handed over at once all the same: an idle reader need not look up so often. */
  private static final Duration POLL_WHILE_IDLE = Duration.ofSeconds(1);

  private static final Duration POLL_WHILE_PAUSED = Duration.ofMillis(20);
  private static final Duration COMMITTED_LIMIT = Duration.ofSeconds(30);
  private static final Duration ERROR_PAUSE = Duration.ofMillis(500);
  private static final Duration LAG_PERIOD = Duration.ofSeconds(1);

  /** What is held is looked at anew; that may read the whole state of a task. */
  private static final Duration HELD_PERIOD = Duration.ofSeconds(3);

  private static final Duration METADATA_LIMIT = Duration.ofSeconds(1);

  /**
   * How long a consumer may take to end. It leaves its group first, which takes milliseconds; then
   * it would wait for its last fetch, which the broker keeps for a second, to take leave of it too.
   */
  private static final Duration LEAVE = Duration.ofMillis(300);

  private final TopicReader stage;
  private final Reader reader;
  private final ReaderSettings settings;
  private final CommitLane lane;
  private final long maxSpan;
  private final Map<TopicPartition, PartitionOwnership> owned = new HashMap<>();
  private final Set<TopicPartition> outOfRange = new HashSet<>();
  private final Thread thread;
  private volatile Optional<ConsumerGroupMetadata> membership = Optional.empty();
  private volatile @Nullable KafkaConsumer<byte[], byte[]> polled;
  private volatile boolean reading = true;
  private volatile boolean running = true;
  private volatile ReaderStatus.State state = ReaderStatus.State.STARTING;
  private volatile Optional<String> reason = Optional.empty();
  private volatile long lag;
  private boolean full;
  private long lagAt;
  private long heldAt;
  private Optional<String> gone = Optional.empty();

  PollLoop(TopicReader stage, Reader reader, ReaderSettings settings, CommitLane lane) {
    this.stage = stage;
    this.reader = reader;
    this.settings = settings;
    this.lane = lane;
    this.maxSpan =
        FinishedOffsets.capacity(settings.offsetMetadataCharacters() - PositionNote.MAX_PREFIX);
    this.thread = Thread.ofPlatform().name("koalja-reader " + reader).daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  Optional<ConsumerGroupMetadata> membership() {
    return membership;
  }

  ReaderStatus.State state() {
    return state;
  }

  Optional<String> reason() {
    return reason;
  }

  long lag() {
    return lag;
  }

  /** Fetches nothing more; stays a member of the group, so that commits still count. */
  void stopReading() {
    reading = false;
  }

  /** Leaves the group and ends. */
  void close() {
    running = false;
    KafkaConsumer<byte[], byte[]> waits = polled;
    if (waits != null) {
      waits.wakeup();
    }
    try {
      thread.join(Duration.ofSeconds(30));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (running) {
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(
              consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        polled = consumer;
        consumer.subscribe(topics(), new Rebalances(consumer));
        try {
          while (running) {
            poll(consumer);
          }
        } catch (WakeupException _) {
          // by close, whatever it waited for
        } finally {
          giveUp(Set.copyOf(owned.keySet()));
          membership = Optional.empty();
        }
        consumer.close(
            CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                .withTimeout(LEAVE));
      } catch (KafkaException e) {
        again(e);
        LOG.warnf("reader %s starts again: %s", reader, e.getMessage());
      } catch (RuntimeException e) {
        again(e);
        LOG.errorf(e, "internal error: reader %s starts again", reader);
      }
    }
  }

  private List<String> topics() {
    return TopicName.retry(reader).equals(reader.topic())
        ? List.of(reader.topic())
        : List.of(reader.topic(), TopicName.retry(reader));
  }

  private void again(RuntimeException cause) {
    if (running) {
      state = ReaderStatus.State.STARTING;
      reason = Optional.of("reads again after: " + cause.getMessage());
      sleep(ERROR_PAUSE);
    }
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void poll(KafkaConsumer<byte[], byte[]> consumer) {
    pauseAndResume(consumer);
    ConsumerRecords<byte[], byte[]> records;
    try {
      records = consumer.poll(patience(consumer));
    } catch (OffsetOutOfRangeException e) {
      e.offsetOutOfRangePartitions().forEach(this::holdOutOfRange);
      return;
    }
    membership = Optional.of(consumer.groupMetadata());
    for (TopicPartition partition : records.partitions()) {
      PartitionOwnership ownership = owned.get(partition);
      if (ownership == null) {
        continue;
      }
      if (takeIn(consumer, ownership, records.records(partition))) {
        OffsetAndMetadata next = records.nextOffsets().get(partition);
        if (next != null) {
          ownership.readUpTo(next.offset());
        }
      }
    }
    if (!records.isEmpty()) {
      stage.acceptedAll();
    }
    if (reading && stage.ticks()) {
      stage.tick(caughtUp(consumer));
    }
    observe(consumer);
  }

  /** How long to wait for records: not long where there may be something else to do. */
  private Duration patience(KafkaConsumer<byte[], byte[]> consumer) {
    if (full || !reading) {
      return POLL_WHILE_PAUSED;
    }
    boolean idle = !owned.isEmpty() && consumer.paused().isEmpty() && !stage.ticks();
    return idle ? POLL_WHILE_IDLE : POLL;
  }

  /** The partitions of which everything that is committed was read. */
  private Set<TopicPartition> caughtUp(KafkaConsumer<byte[], byte[]> consumer) {
    Set<TopicPartition> caughtUp = new HashSet<>();
    for (TopicPartition partition : owned.keySet()) {
      if (consumer.currentLag(partition).orElse(1) == 0) {
        caughtUp.add(partition);
      }
    }
    return caughtUp;
  }

  /** Takes in what fits into the window; the rest is read again when there is room. */
  private boolean takeIn(
      KafkaConsumer<byte[], byte[]> consumer,
      PartitionOwnership ownership,
      List<ConsumerRecord<byte[], byte[]>> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (!ownership.hasRoom(record.offset(), maxSpan)
          || stage.fullBecause(ownership).isPresent()) {
        consumer.seek(ownership.partition(), record.offset());
        return false;
      }
      stage.read(ownership, record);
    }
    return true;
  }

  /** Partitions held for a missing position go on once somebody has written one. */
  private void lookForMissingPositions(KafkaConsumer<byte[], byte[]> consumer) {
    Set<TopicPartition> missing = new HashSet<>();
    owned.forEach(
        (partition, ownership) -> {
          if (ownership.heldBecause().isPresent() && !outOfRange.contains(partition)) {
            missing.add(partition);
          }
        });
    if (missing.isEmpty()) {
      return;
    }
    consumer
        .committed(missing, COMMITTED_LIMIT)
        .forEach(
            (partition, committed) -> {
              if (committed != null) {
                PartitionOwnership ownership = begin(partition, committed);
                owned.put(partition, ownership);
                if (ownership.heldBecause().isEmpty()) {
                  LOG.infof("reader %s goes on: %s has a position now", reader, partition);
                  consumer.seek(partition, committed);
                }
              }
            });
  }

  /** A partition begins to be read, unless its position or what the stage keeps of it is gone. */
  private PartitionOwnership begin(
      TopicPartition partition, @Nullable OffsetAndMetadata committed) {
    PartitionOwnership ownership = PartitionOwnership.begin(stage, partition, committed);
    if (committed != null && ownership.heldBecause().isEmpty()) {
      try {
        PositionNote note = PositionNote.parse(committed.metadata());
        boolean fresh = committed.offset() == 0 && committed.metadata().isEmpty();
        stage.begin(ownership, committed.offset(), fresh, note.parked());
      } catch (HeldException e) {
        return PartitionOwnership.held(stage, partition, String.valueOf(e.getMessage()));
      }
    }
    return ownership;
  }

  private void holdOutOfRange(TopicPartition partition, long offset) {
    PartitionOwnership before = owned.get(partition);
    if (before != null) {
      lane.fence(before::giveUp);
      stage.end(before);
    }
    outOfRange.add(partition);
    owned.put(
        partition,
        PartitionOwnership.held(
            stage, partition, "offset %d of %s is not kept any more".formatted(offset, partition)));
  }

  /** Pauses everything when the reader is full, and each partition whose window is. */
  private void pauseAndResume(KafkaConsumer<byte[], byte[]> consumer) {
    full = full ? !stage.roomAgain() : stage.full();
    Set<TopicPartition> pause = new HashSet<>();
    owned.forEach(
        (partition, ownership) -> {
          if (full
              || !reading
              || ownership.heldBecause().isPresent()
              || ownership.windowFull(maxSpan)
              || stage.fullBecause(ownership).isPresent()) {
            pause.add(partition);
          }
        });
    Set<TopicPartition> paused = consumer.paused();
    Set<TopicPartition> resume = new HashSet<>(paused);
    resume.removeAll(pause);
    pause.removeAll(paused);
    consumer.pause(pause);
    consumer.resume(resume);
  }

  private void observe(KafkaConsumer<byte[], byte[]> consumer) {
    long now = System.nanoTime();
    if (now - lagAt > LAG_PERIOD.toNanos()) {
      lagAt = now;
      if (now - heldAt > HELD_PERIOD.toNanos()) {
        heldAt = now;
        lookForMissingPositions(consumer);
      }
      gone = gone(consumer);
      if (reader.task().delivery().rate().isPresent()) {
        shareOfPartitions(consumer);
      }
      lag =
          owned.keySet().stream()
              .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
              .sum();
    }
    Map<String, String> held = new TreeMap<>();
    for (PartitionOwnership ownership : owned.values()) {
      ownership
          .heldBecause()
          .ifPresent(because -> held.put(ownership.partition().toString(), because));
      stage
          .fullBecause(ownership)
          .ifPresent(because -> held.put(ownership.partition().toString(), because));
      if (ownership.windowFull(maxSpan)) {
        held.put(
            ownership.partition().toString(),
            "waits for the event at offset %s of %s"
                .formatted(
                    ownership.oldestPending().map(String::valueOf).orElse("?"),
                    ownership.partition()));
      }
    }
    gone.ifPresent(because -> held.put("", because));
    if (gone.isPresent()
        || owned.values().stream().anyMatch(each -> each.heldBecause().isPresent())) {
      state = ReaderStatus.State.HELD;
    } else {
      state = full ? ReaderStatus.State.PAUSED : ReaderStatus.State.RUNNING;
    }
    reason = held.values().stream().findFirst();
  }

  /** Kafka takes partitions of a deleted topic away without a word, so somebody has to ask. */
  private Optional<String> gone(KafkaConsumer<byte[], byte[]> consumer) {
    try {
      return topics().stream()
          .filter(topic -> owned.keySet().stream().noneMatch(each -> each.topic().equals(topic)))
          .filter(topic -> consumer.partitionsFor(topic, METADATA_LIMIT).isEmpty())
          .findFirst()
          .map("the topic %s is gone"::formatted);
    } catch (TimeoutException _) {
      return gone; // Kafka does not answer: nothing new is known
    }
  }

  private void shareOfPartitions(KafkaConsumer<byte[], byte[]> consumer) {
    try {
      long ours =
          owned.keySet().stream().filter(each -> each.topic().equals(reader.topic())).count();
      stage.owns((int) ours, consumer.partitionsFor(reader.topic(), METADATA_LIMIT).size());
    } catch (TimeoutException _) {
      return; // Kafka does not answer: it stays as it was
    }
  }

  private void giveUp(Collection<TopicPartition> partitions) {
    lane.fence(
        () -> {
          for (TopicPartition partition : partitions) {
            PartitionOwnership ownership = owned.remove(partition);
            if (ownership != null) {
              ownership.giveUp();
              stage.end(ownership);
            }
          }
        });
  }

  /** What Kafka tells about partitions, on the poll thread, inside {@code poll}. */
  private final class Rebalances implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> consumer;

    Rebalances(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      membership = Optional.of(consumer.groupMetadata());
      if (partitions.isEmpty()) {
        return;
      }
      // here, not after poll: waits until transactions of the last owner are decided
      Map<TopicPartition, OffsetAndMetadata> committed = committed(Set.copyOf(partitions));
      for (TopicPartition partition : partitions) {
        outOfRange.remove(partition);
        PartitionOwnership ownership = begin(partition, committed.get(partition));
        owned.put(partition, ownership);
        if (ownership.heldBecause().isPresent()) {
          LOG.errorf("reader %s holds: %s", reader, ownership.heldBecause().get());
          consumer.seek(partition, 0); // never fetched: it is paused
          consumer.pause(List.of(partition));
        }
      }
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions) {
      try {
        return consumer.committed(partitions, COMMITTED_LIMIT);
      } catch (TimeoutException e) {
        try {
          String group = TopicName.group(reader);
          throw UndecidedPosition.words(settings.kafka(), group, METADATA_LIMIT)
              .map(why -> new TimeoutException(why, e))
              .orElse(e);
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      membership = Optional.of(consumer.groupMetadata());
      giveUp(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      giveUp(partitions);
    }
  }

  private Properties consumerSettings() {
    Properties properties = settings.kafka().properties();
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, TopicName.group(reader));
    properties.put(
        ConsumerConfig.CLIENT_ID_CONFIG, "koalja-" + reader.toString().replace('/', '-'));
    settings
        .slot()
        .ifPresent(
            // a router that comes back takes its partitions over at once
            slot -> properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, "koalja-" + slot));
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    // a topic that is gone must not come back with other partitions because it is asked for
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6000);
    properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1000);
    properties.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, 60_000);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 500);
    // how often an idle reader asks anew; what comes meanwhile is answered at once
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 1000);
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 * 1024 * 1024);
    properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    // the heartbeat thread of every reader wakes up that often, whether it has work or not
    properties.put(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, 300);
    // hundreds of numbers for each reader that nobody reads take half of an idle reader's memory
    properties.put(ConsumerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
    properties.put(ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    properties.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    properties.put(ConsumerConfig.CHECK_CRCS_CONFIG, true);
    return properties;
  }
}
