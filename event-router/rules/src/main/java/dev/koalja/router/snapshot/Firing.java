package dev.koalja.router.snapshot;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A snapshot to be handed to one invocation.
 *
 * @param key what its events have in common; empty where nothing is correlated
 * @param slots the events, by input in the task's order, then by arrival
 * @param partial whether an input has fewer than it should, because the time was over
 * @param since when the oldest of the waiting events that no firing had used arrived
 * @param windowStart when the window of time begins that was collected; empty without windows
 */
public record Firing(
    String key, List<Slot> slots, boolean partial, Instant since, Optional<Instant> windowStart) {
  public Firing {
    slots = List.copyOf(slots);
  }
}
