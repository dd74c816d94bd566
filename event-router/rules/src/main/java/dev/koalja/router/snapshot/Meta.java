package dev.koalja.router.snapshot;

import dev.koalja.pipeline.PortName;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What is remembered of a key besides its events.
 *
 * @param lastFired kept where there is a least time between firings
 * @param usedUpTo up to which offset the events of an input that are still there were used
 */
record Meta(Optional<Instant> lastFired, SortedMap<PortName, Long> usedUpTo) {
  boolean isNothing() {
    return lastFired.isEmpty() && usedUpTo.isEmpty();
  }
}
