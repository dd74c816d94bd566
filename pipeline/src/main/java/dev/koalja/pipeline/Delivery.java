package dev.koalja.pipeline;

import java.time.Duration;

/**
 * How the events of a reader are delivered to its task.
 *
 * @param order see {@link Order}
 * @param attempts calls per event, first try included; 1 to 100, 1 means no retry
 * @param backoff wait between attempts
 * @param timeout time allowed for one call; 1 ms to 24 h
 * @param maxInFlight calls under way at the same time; 1 to 10,000
 */
public record Delivery(
    Order order, int attempts, Backoff backoff, Duration timeout, int maxInFlight) {
  public static final int MAX_ATTEMPTS = 100;
  public static final int MAX_MAX_IN_FLIGHT = 10_000;
  public static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
  public static final Duration MAX_TIMEOUT = Duration.ofHours(24);

  /** Key order, five attempts, 30 s each, 200 in flight: needs no tuning on a laptop. */
  public static final Delivery DEFAULT =
      new Delivery(Order.KEY, 5, Backoff.DEFAULT, Duration.ofSeconds(30), 200);
}
