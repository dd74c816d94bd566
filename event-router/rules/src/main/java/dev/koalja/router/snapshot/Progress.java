package dev.koalja.router.snapshot;

import java.time.Instant;

/**
 * How far a partition is in time, where windows of time are collected.
 *
 * @param watermark the latest time of an event, or later when the windows were ended by silence
 * @param lastArrival when the latest event arrived
 */
record Progress(Instant watermark, Instant lastArrival) {
  /** The later of the two. */
  static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
