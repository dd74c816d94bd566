package dev.koalja.pipeline;

import java.time.Duration;
import java.util.Optional;

/**
 * How the events that reach the inputs of a task are put together to snapshots, one for each
 * invocation. The policies are those of the original Koalja, as they were meant.
 *
 * @param policy what happens to events once they were used
 * @param correlate which events belong together; an input may say otherwise for itself
 * @param timeout what becomes of a snapshot that stays incomplete; absent: it waits for ever
 * @param minInterval the least time between two firings for one key; the last value is never lost
 * @param window collects by the time of events instead of their number
 * @param maxWaiting events that may wait per key and input; 1 to 100,000; more are dead-lettered
 * @param keyedState whether the task keeps a state for each key, committed with its results
 */
public record Snapshot(
    Policy policy,
    Correlation correlate,
    Optional<Timeout> timeout,
    Optional<Duration> minInterval,
    Optional<Window> window,
    int maxWaiting,
    boolean keyedState) {
  public static final int DEFAULT_MAX_WAITING = 10_000;
  public static final int MAX_MAX_WAITING = 100_000;
  public static final Duration MIN_TIME = Duration.ofMillis(1);
  public static final Duration MAX_TIME = Duration.ofDays(3650);

  /** Partitions of the topics behind the intake of a task that correlates. */
  public static final int PARTITIONS = 8;

  /** How a task without a state of its own puts its events together. */
  public Snapshot(
      Policy policy,
      Correlation correlate,
      Optional<Timeout> timeout,
      Optional<Duration> minInterval,
      Optional<Window> window,
      int maxWaiting) {
    this(policy, correlate, timeout, minInterval, window, maxWaiting, false);
  }

  /** What happens to the events of a snapshot that was fired. */
  public enum Policy {
    /** Each is used once: all inputs are emptied. */
    ALL_NEW("AllNew"),
    /** The latest of each input is kept; every arrival fires again, once all inputs have one. */
    SWAP_NEW4OLD("SwapNew4Old"),
    /** Each input lets go of its oldest {@code slide} events. */
    SLIDING_WINDOW("SlidingWindow");

    private final String word;

    Policy(String word) {
      this.word = word;
    }

    /** The word of the pipeline file. */
    public String word() {
      return word;
    }
  }

  /**
   * When to give up.
   *
   * @param after since the oldest event that was not used yet arrived
   * @param then what happens to what is there
   */
  public record Timeout(Duration after, Then then) {}

  /** What happens to the events of an incomplete snapshot when its time is over. */
  public enum Then {
    /** They are journaled as expired. */
    DROP,
    /** Each becomes a dead letter of its input. */
    DEADLETTER,
    /** The snapshot is fired with what is there. */
    PARTIAL
  }

  /**
   * Tumbling windows of event time: one snapshot for each.
   *
   * @param size how long a window is; windows begin at whole multiples since 1970
   * @param grace how much later than its end events may still come
   */
  public record Window(Duration size, Duration grace) {}

  /** How many partitions the task's own topics have: one where nothing is correlated. */
  public int partitions() {
    return correlate instanceof Correlation.None ? 1 : PARTITIONS;
  }

  /** What a task with these inputs does unless told otherwise. */
  public static Snapshot defaults(int inputs, boolean slides) {
    return new Snapshot(
        slides ? Policy.SLIDING_WINDOW : Policy.ALL_NEW,
        inputs > 1 ? new Correlation.Key() : new Correlation.None(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        DEFAULT_MAX_WAITING);
  }
}
