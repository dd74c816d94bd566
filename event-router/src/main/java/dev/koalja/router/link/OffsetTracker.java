package dev.koalja.router.link;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Which records of one partition are finished, when they finish in any order.
 *
 * <pre>
 *  offset    40  41  42  43  44  45  46  47  48
 *            ■   ■   □   ■   ·   □   ■   □   □          ■ finished  □ pending  · hole (marker)
 *                    ▲               ▲       ▲
 *                    base            high    next
 *
 *  committed: offset 42, metadata "from 42: 1 pending, 2 finished, 1 pending, 1 finished"
 * </pre>
 *
 * Base is the oldest pending offset, or the next one to read when nothing is pending. It never
 * counts {@code +1}: transaction markers and aborted records leave holes that are never delivered.
 * Not thread-safe; {@link PartitionOwnership} guards it.
 */
public final class OffsetTracker {
  private final TreeSet<Long> pending = new TreeSet<>();
  private final long start;
  private final FinishedOffsets finishedBefore;
  private long next;
  private long high;

  /**
   * Continues from a committed position.
   *
   * @param offset the committed offset
   * @param metadata the committed metadata
   * @throws IllegalArgumentException when the metadata has a format this version does not know
   */
  public OffsetTracker(long offset, String metadata) {
    this.start = offset;
    this.finishedBefore = FinishedOffsets.decode(offset, metadata);
    this.next = offset;
    this.high = finishedBefore.end();
  }

  /**
   * A record was read.
   *
   * @return false when it was finished before a restart and is not to be processed again
   */
  public boolean deliver(long offset) {
    next = Math.max(next, offset + 1);
    if (offset < start || finishedBefore.contains(offset)) {
      return false;
    }
    return pending.add(offset);
  }

  /** Everything below {@code position} was read; holes at the end count too. */
  public void readUpTo(long position) {
    next = Math.max(next, position);
  }

  /** A delivered record is finished. */
  public void finish(long offset) {
    if (pending.remove(offset)) {
      high = Math.max(high, offset + 1);
    }
  }

  /** The offset to commit: everything below it is finished. */
  public long base() {
    return pending.isEmpty() ? next : pending.first();
  }

  /**
   * What to commit if {@code offsets} are finished too; changes nothing.
   *
   * @param base see {@link OffsetTracker#base()}
   * @param metadata which offsets above the base are finished; empty when none is
   */
  public record Committable(long base, String metadata) {}

  /** What to commit if the delivered records at {@code offsets} are finished too. */
  public Committable committableWith(Collection<Long> offsets) {
    long highBefore = high;
    List<Long> undo = new ArrayList<>();
    for (long offset : offsets) {
      if (pending.remove(offset)) {
        undo.add(offset);
        high = Math.max(high, offset + 1);
      }
    }
    try {
      long base = base();
      return new Committable(base, FinishedOffsets.encode(finishedFrom(base)));
    } finally {
      pending.addAll(undo);
      high = highBefore;
    }
  }

  /**
   * The finished offsets above a base, which is bit 0. In each commit, so it looks at none twice.
   */
  private BitSet finishedFrom(long base) {
    BitSet finished = new BitSet();
    long read = Math.min(next, high);
    if (read > base) {
      finished.set(0, (int) (read - base));
      pending.headSet(read).forEach(offset -> finished.clear((int) (offset - base)));
    }
    for (long offset = Math.max(next, base); offset < high; offset++) {
      finished.set((int) (offset - base), finishedBefore.contains(offset));
    }
    return finished;
  }

  /** The record everything else of this partition waits for. */
  public Optional<Long> oldestPending() {
    return pending.isEmpty() ? Optional.empty() : Optional.of(pending.first());
  }
}
