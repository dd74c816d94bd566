package dev.koalja.router.link;

import dev.koalja.router.reply.Group;
import dev.koalja.router.reply.Position;
import java.util.Collection;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One partition from assignment to revocation: its tracker, and whether it is still ours. A
 * partition that comes back gets a new one. Thread-safe.
 */
final class PartitionOwnership implements Position {
  private static final long NONE = -1;

  private final Group group;
  private final TopicPartition partition;
  private final @Nullable OffsetTracker tracker;
  private final Optional<String> held;
  private volatile boolean owned = true;
  private long refused = NONE; // guarded by this
  private int parked; // guarded by this

  private PartitionOwnership(
      Group group,
      TopicPartition partition,
      @Nullable OffsetTracker tracker,
      Optional<String> held) {
    this.group = group;
    this.partition = partition;
    this.tracker = tracker;
    this.held = held;
  }

  /**
   * A partition was assigned.
   *
   * @param committed its committed offset; null or unreadable holds the partition, since any guess
   *     would lose or repeat events
   */
  static PartitionOwnership begin(
      Group group, TopicPartition partition, @Nullable OffsetAndMetadata committed) {
    if (committed == null) {
      return held(group, partition, "no committed offset for " + partition);
    }
    try {
      PositionNote note = PositionNote.parse(committed.metadata());
      PartitionOwnership ownership =
          new PartitionOwnership(
              group,
              partition,
              new OffsetTracker(committed.offset(), note.finished()),
              Optional.empty());
      ownership.parked = note.parked();
      return ownership;
    } catch (IllegalArgumentException e) {
      return held(
          group, partition, "committed offset of " + partition + " unreadable: " + e.getMessage());
    }
  }

  /** A partition that must not be read until somebody mends its position. */
  static PartitionOwnership held(Group group, TopicPartition partition, String reason) {
    return new PartitionOwnership(group, partition, null, Optional.of(reason));
  }

  /** Why the partition is not read; empty when it is. */
  Optional<String> heldBecause() {
    return held;
  }

  /** A record was read; false when it is finished already. */
  synchronized boolean deliver(long offset) {
    return tracker != null && tracker.deliver(offset);
  }

  synchronized void readUpTo(long position) {
    if (tracker != null) {
      tracker.readUpTo(position);
    }
  }

  /**
   * Whether a record may be taken in: what is finished above the base must always fit into the
   * offset metadata. A refused record has to be read again later.
   */
  synchronized boolean hasRoom(long offset, long maxSpan) {
    boolean room = tracker != null && offset - tracker.base() < maxSpan;
    refused = room ? NONE : offset;
    return room;
  }

  /** Whether the record that was refused last would be refused again. */
  synchronized boolean windowFull(long maxSpan) {
    return tracker != null && refused != NONE && refused - tracker.base() >= maxSpan;
  }

  synchronized Optional<Long> oldestPending() {
    return tracker == null ? Optional.empty() : tracker.oldestPending();
  }

  /** From now on nothing of this partition is committed. Called inside the lane's fence. */
  void giveUp() {
    owned = false;
  }

  @Override
  public Group group() {
    return group;
  }

  @Override
  public TopicPartition partition() {
    return partition;
  }

  @Override
  public boolean owned() {
    return owned;
  }

  @Override
  public synchronized OffsetAndMetadata committableWith(Collection<Long> offsets, int more) {
    if (tracker == null) {
      throw new IllegalStateException(partition + " is held, nothing of it can be finished");
    }
    OffsetTracker.Committable committable = tracker.committableWith(offsets);
    return new OffsetAndMetadata(
        committable.base(), new PositionNote(parked + more, committable.metadata()).toString());
  }

  @Override
  public synchronized void finish(Collection<Long> offsets, int more) {
    parked += more;
    if (tracker != null) {
      offsets.forEach(tracker::finish);
    }
  }
}
