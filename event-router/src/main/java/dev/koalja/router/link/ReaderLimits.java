package dev.koalja.router.link;

import java.time.Duration;

/**
 * What one reader may hold in memory.
 *
 * @param events events read and not yet committed
 * @param bytes their bytes, and those of their results
 * @param parkFrom events that wait as long as that for another attempt are parked; as many, and as
 *     many bytes, may be
 */
public record ReaderLimits(int events, long bytes, Duration parkFrom) {
  private static final Duration MAX_PARK_FROM = Duration.ofHours(24);

  /** 10,000 events, 32 MiB, parked from 10 s. */
  public static final ReaderLimits DEFAULT =
      new ReaderLimits(10_000, 32L * 1024 * 1024, Duration.ofSeconds(10));

  public ReaderLimits {
    if (parkFrom.toMillis() < 1 || parkFrom.compareTo(MAX_PARK_FROM) > 0) {
      throw new IllegalArgumentException(
          "koalja.router.park-from is %s, must be from 1 ms to 24 h".formatted(parkFrom));
    }
  }

  /** The same, with another time. */
  public ReaderLimits parkFrom(Duration time) {
    return new ReaderLimits(events, bytes, time);
  }
}
