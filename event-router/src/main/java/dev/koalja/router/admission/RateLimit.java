package dev.koalja.router.admission;

import dev.koalja.pipeline.Rate;

/**
 * Lets so many calls begin in a time, evenly spread, with a burst of a tenth of a second's worth.
 * Not thread-safe.
 */
final class RateLimit {
  private static final long BURST = 100_000_000;

  private final double nanosPerCall;
  private double share = 1;
  private double nextAt = Long.MIN_VALUE;

  RateLimit(Rate rate) {
    this.nanosPerCall = (double) rate.per().toNanos() / rate.count();
  }

  /** The part of the rate that is ours; more than 0, at most 1. */
  void share(double part) {
    share = part;
  }

  /** How long no call may begin, in nanoseconds. */
  long waitFor(long now) {
    return nextAt == Long.MIN_VALUE ? 0 : (long) Math.max(0, Math.ceil(nextAt - now));
  }

  /** So many events begin to be called with. */
  void began(int events, long now) {
    double earliest = Math.max(nextAt, now - BURST);
    nextAt = earliest + events * nanosPerCall / share;
  }
}
