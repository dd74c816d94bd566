package dev.koalja.router.link;

/**
 * What one reader may hold in memory.
 *
 * @param events events read and not yet committed
 * @param bytes their bytes, and those of their results
 */
public record ReaderLimits(int events, long bytes) {
  /** 10,000 events, 32 MiB. */
  public static final ReaderLimits DEFAULT = new ReaderLimits(10_000, 32L * 1024 * 1024);
}
