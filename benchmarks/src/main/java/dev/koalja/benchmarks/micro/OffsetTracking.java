package dev.koalja.benchmarks.micro;

import dev.koalja.router.link.OffsetTracker;
import java.util.BitSet;
import java.util.Random;
import java.util.TreeSet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One offset from delivery to the end, with the base asked for after each; 10,000 are under way.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH sets it up
public class OffsetTracking {
  /** Offsets under way at once. */
  static final int WINDOW = 10_000;

  static final long FIRST = 1_000_000;

  /** In which order they are finished. */
  @Param({"in order", "out of order"})
  public String order;

  /** The tracker, or the least that could do it. */
  @Param({"tracker", "tree", "bits"})
  public String with;

  private long[] finish;

  /** Decides the order. */
  @Setup(Level.Trial)
  public void shuffle() {
    finish = finishOrder(order.equals("in order"));
  }

  /** All offsets of the window; out of order is the same one each time. */
  static long[] finishOrder(boolean inOrder) {
    long[] offsets = new long[WINDOW];
    Random random = new Random(4711);
    for (int i = 0; i < WINDOW; i++) {
      int at = inOrder ? i : random.nextInt(i + 1);
      offsets[i] = offsets[at];
      offsets[at] = FIRST + i;
    }
    return offsets;
  }

  /** A whole window. */
  @Benchmark
  @OperationsPerInvocation(WINDOW)
  public long finish() {
    long base =
        switch (with) {
          case "tracker" -> tracker();
          case "tree" -> tree();
          default -> bits();
        };
    if (base != FIRST + WINDOW) {
      throw new IllegalStateException("everything is finished, but the base is " + base);
    }
    return base;
  }

  private long tracker() {
    OffsetTracker tracker = new OffsetTracker(FIRST, "");
    for (int i = 0; i < WINDOW; i++) {
      tracker.deliver(FIRST + i);
    }
    long base = 0;
    for (long offset : finish) {
      tracker.finish(offset);
      base = Math.max(base, tracker.base());
    }
    return base;
  }

  private long tree() {
    TreeSet<Long> pending = new TreeSet<>();
    for (int i = 0; i < WINDOW; i++) {
      pending.add(FIRST + i);
    }
    long base = 0;
    for (long offset : finish) {
      pending.remove(offset);
      base = Math.max(base, pending.isEmpty() ? FIRST + WINDOW : pending.first());
    }
    return base;
  }

  private long bits() {
    BitSet pending = new BitSet();
    for (int i = 0; i < WINDOW; i++) {
      pending.set(i);
    }
    int first = 0;
    for (long offset : finish) {
      pending.clear((int) (offset - FIRST));
      first = pending.nextSetBit(first);
      first = first < 0 ? WINDOW : first;
    }
    return FIRST + first;
  }
}
