package dev.koalja.gateway.definition;

import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Ends loops that read up to an offset when the broker has gone: a consumer polls on in silence
 * then. Not thread-safe.
 */
public final class Progress {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Instant until = Instant.now().plus(PATIENCE);
  private long position = -1;

  /**
   * Told again and again how far a loop is.
   *
   * @throws TimeoutException when that has not changed for ten seconds
   */
  public void at(long now) {
    if (now != position) {
      position = now;
      until = Instant.now().plus(PATIENCE);
    } else if (Instant.now().isAfter(until)) {
      throw new TimeoutException("no record came for %d seconds".formatted(PATIENCE.toSeconds()));
    }
  }
}
