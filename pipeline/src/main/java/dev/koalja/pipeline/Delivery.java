package dev.koalja.pipeline;

import java.time.Duration;
import java.util.Optional;

/**
 * How the events of a reader are delivered to its task.
 *
 * @param order see {@link Order}
 * @param attempts calls per event, first try included; 1 to 100, 1 means no retry
 * @param backoff wait between attempts
 * @param timeout time allowed for one call; 1 ms to 24 h
 * @param deadline time allowed for an event in all, from its append, or from that of its snapshot;
 *     1 ms to 30 d; absent: no end
 * @param maxInFlight events whose calls are under way at the same time; 1 to 10,000
 * @param maxInFlightBytes bytes of those events; 1 KiB to 1 GiB; a single event always may
 * @param rate events whose calls begin in a time, over all routers; absent: as many as the function
 *     takes
 * @param deduplicate how long the same {@code source} and {@code id} mean the same event; 1 ms to 7
 *     d; absent: never
 * @param maxHops functions an event may have come through; 1 to 10,000; what came farther runs in a
 *     circle
 * @param deadLetter a link on which dead letters are put too; they are always kept as letters
 * @param batch hands several events over in one call; absent: one by one
 */
public record Delivery(
    Order order,
    int attempts,
    Backoff backoff,
    Duration timeout,
    Optional<Duration> deadline,
    int maxInFlight,
    long maxInFlightBytes,
    Optional<Rate> rate,
    Optional<Duration> deduplicate,
    int maxHops,
    Optional<LinkName> deadLetter,
    Optional<Batch> batch) {
  public static final int MAX_ATTEMPTS = 100;
  public static final int MAX_MAX_IN_FLIGHT = 10_000;
  public static final int MAX_MAX_HOPS = 10_000;
  public static final long MIN_IN_FLIGHT_BYTES = 1024;
  public static final long MAX_IN_FLIGHT_BYTES = 1024L * 1024 * 1024;
  public static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
  public static final Duration MAX_TIMEOUT = Duration.ofHours(24);
  public static final Duration MAX_DEADLINE = Duration.ofDays(30);
  public static final Duration MAX_DEDUPLICATE = Duration.ofDays(7);

  /** Key order, five attempts, 30 s each, 200 in flight: needs no tuning on a laptop. */
  public static final Delivery DEFAULT =
      new Delivery(Order.KEY, 5, Backoff.DEFAULT, Duration.ofSeconds(30), 200);

  /** What is told apart most often; all else as in {@link #DEFAULT}. */
  public Delivery(Order order, int attempts, Backoff backoff, Duration timeout, int maxInFlight) {
    this(
        order,
        attempts,
        backoff,
        timeout,
        Optional.empty(),
        maxInFlight,
        32L * 1024 * 1024,
        Optional.empty(),
        Optional.empty(),
        255, // what Knative's brokers let events travel
        Optional.empty(),
        Optional.empty());
  }

  /** Time for one call unless told otherwise: no longer than there is in all. */
  public static Duration timeout(Optional<Duration> deadline) {
    return deadline.filter(all -> all.compareTo(DEFAULT.timeout()) < 0).orElse(DEFAULT.timeout());
  }

  /** How many events may be in flight unless told otherwise: at least one batch. */
  public static int maxInFlight(Optional<Batch> batch) {
    return Math.max(DEFAULT.maxInFlight(), batch.map(Batch::max).orElse(0));
  }

  /**
   * Several events in one call.
   *
   * @param max events in a call at most; 2 to 1,000
   * @param linger how long the first waits for others; 0 to 1 min
   */
  public record Batch(int max, Duration linger) {
    public static final int MAX = 1000;
    public static final int DEFAULT_MAX = 100;
    public static final Duration MAX_LINGER = Duration.ofMinutes(1);
  }
}
