package dev.koalja.benchmarks.micro;

import dev.koalja.router.link.OffsetTracker;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What is committed while half of 10,000 offsets under way, at random, is finished. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH sets it up
public class OffsetMetadata {
  /** The tracker, or the least that could do it. */
  @Param({"tracker", "bits"})
  public String with;

  private OffsetTracker tracker;
  private BitSet finished;

  /** Finishes half of them. */
  @Setup(Level.Trial)
  public void finish() {
    tracker = new OffsetTracker(OffsetTracking.FIRST, "");
    finished = new BitSet();
    for (int i = 0; i < OffsetTracking.WINDOW; i++) {
      tracker.deliver(OffsetTracking.FIRST + i);
    }
    long[] order = OffsetTracking.finishOrder(false);
    for (int i = 0; i < OffsetTracking.WINDOW / 2; i++) {
      tracker.finish(order[i]);
      finished.set((int) (order[i] - OffsetTracking.FIRST));
    }
  }

  /** Writes the metadata. */
  @Benchmark
  public String encode() {
    if (with.equals("tracker")) {
      return tracker.committableWith(List.of()).metadata();
    }
    return "b" + Base64.getEncoder().withoutPadding().encodeToString(finished.toByteArray());
  }
}
