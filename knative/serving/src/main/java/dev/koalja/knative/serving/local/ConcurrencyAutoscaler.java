package dev.koalja.knative.serving.local;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many instances the load asks for, by the rule of Knative's autoscaler.
 *
 * <p>The wanted number is the average concurrency over the stable window, divided by the target of
 * one instance. When the average over the much shorter panic window asks for at least {@code
 * panicThreshold} times the instances that are ready, it panics: the greater of the two wins and
 * the number never falls until a whole stable window went by without such a moment.
 *
 * <p>No clock of its own and no I/O: same samples, same decisions. Not safe for several threads.
 */
public final class ConcurrencyAutoscaler {
  private static final double ROUNDING = 1e-9;

  /**
   * The rule's numbers.
   *
   * @param target average concurrency that one instance should have
   * @param stableWindow over which the load is averaged in quiet times
   * @param panicWindow over which sudden load is noticed
   * @param panicThreshold wanted to ready instances from which on it panics
   */
  public record Settings(
      double target, Duration stableWindow, Duration panicWindow, double panicThreshold) {
    private static final Duration STABLE = Duration.ofSeconds(60);
    private static final double UTILISATION = 0.7;

    /**
     * Knative's defaults: 70 % of the hard concurrency, windows of 60 s and a tenth of it, panic
     * from twice the instances. An idle time below 60 s shortens the windows: nobody wants load
     * remembered longer than instances are kept.
     */
    public static Settings knative(int concurrency, Duration idle) {
      Duration stable = idle.compareTo(STABLE) < 0 ? idle : STABLE;
      return new Settings(concurrency * UTILISATION, stable, stable.dividedBy(10), 2);
    }
  }

  /**
   * What to do.
   *
   * @param desired instances wanted, within the bounds
   * @param panicking whether the number may not fall now
   */
  public record Decision(int desired, boolean panicking) {}

  private record Sample(long from, long to, double concurrency) {}

  private final Settings settings;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private boolean panicking;
  private long panicSince;
  private int panicMost;

  public ConcurrencyAutoscaler(Settings settings) {
    this.settings = settings;
  }

  /**
   * Notes the average concurrency, waiting requests included, between two moments.
   *
   * @param from monotonic nanoseconds, not before the {@code to} of the last sample
   * @param to monotonic nanoseconds, after {@code from}
   */
  public void record(long from, long to, double concurrency) {
    samples.addLast(new Sample(from, to, concurrency));
    long oldest = to - settings.stableWindow.toNanos();
    while (samples.getFirst().to <= oldest) {
      samples.removeFirst();
    }
  }

  /**
   * Decides.
   *
   * @param now monotonic nanoseconds
   * @param ready instances that are ready
   * @param min least instances to want
   * @param max most instances to want
   */
  public Decision decide(long now, int ready, int min, int max) {
    int stable = instancesFor(average(now, settings.stableWindow));
    int panic = instancesFor(average(now, settings.panicWindow));
    if (panic >= settings.panicThreshold * Math.max(1, ready)) {
      panicMost = panicking ? panicMost : ready;
      panicking = true;
      panicSince = now;
    } else if (panicking && now - panicSince >= settings.stableWindow.toNanos()) {
      panicking = false;
      panicMost = 0;
    }
    int desired = Math.max(stable, panic);
    if (panicking) {
      panicMost = Math.max(panicMost, desired);
      desired = panicMost;
    } else {
      desired = stable;
    }
    return new Decision(Math.clamp(desired, min, max), panicking);
  }

  /** Forgets all load, as after a time at zero. */
  public void reset() {
    samples.clear();
    panicking = false;
    panicMost = 0;
  }

  private int instancesFor(double concurrency) {
    return (int) Math.ceil(concurrency / settings.target - ROUNDING);
  }

  /** Over the part of the window that samples cover, so that a burst from zero counts in full. */
  private double average(long now, Duration window) {
    long start = now - window.toNanos();
    double sum = 0;
    double covered = 0;
    for (Sample sample : samples) {
      long from = Math.max(sample.from, start);
      if (sample.to > from) {
        sum += sample.concurrency * (sample.to - from);
        covered += sample.to - from;
      }
    }
    return covered == 0 ? 0 : sum / covered;
  }
}
