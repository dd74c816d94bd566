package dev.koalja.pipeline;

import java.time.Instant;

/**
 * Where a reader begins on a link that it has never read. Written once, as a committed offset, when
 * the reader first appears; later changes of this setting do not move it.
 */
public sealed interface StartPosition {
  /** From the oldest event kept. The default: nothing on the wire is passed over. */
  record Earliest() implements StartPosition {}

  /** Only what arrives from now on. */
  record Latest() implements StartPosition {}

  /** From the first event at or after a time. */
  record At(Instant time) implements StartPosition {}
}
