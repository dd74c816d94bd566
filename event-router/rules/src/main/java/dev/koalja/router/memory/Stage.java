package dev.koalja.router.memory;

import java.time.Instant;
import java.util.Optional;

/** The part of a reader. */
interface Stage {
  /**
   * Does the next thing there is to do now.
   *
   * @return whether there was one
   */
  boolean step() throws InterruptedException;

  /** When there is something to do without anything else happening. */
  Optional<Instant> due();
}
