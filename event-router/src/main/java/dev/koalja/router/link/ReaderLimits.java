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
  /** 10,000 events, 32 MiB, parked from 10 s. */
  public static final ReaderLimits DEFAULT =
      new ReaderLimits(10_000, 32L * 1024 * 1024, Duration.ofSeconds(10));
}
