package dev.koalja.gateway.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes of all bodies that are held at the same time, so that memory stays bounded
 * however many requests come in. Thread-safe.
 */
public final class InFlightBytes {
  private final long limit;
  private final AtomicLong held = new AtomicLong();

  /** At most {@code limit} bytes. */
  public InFlightBytes(long limit) {
    this.limit = limit;
  }

  /** Takes {@code bytes}, if they still fit. */
  public boolean reserve(long bytes) {
    if (held.addAndGet(bytes) <= limit) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  /** Gives back what was reserved. */
  public void release(long bytes) {
    held.addAndGet(-bytes);
  }

  /** Bytes held now. */
  public long held() {
    return held.get();
  }
}
