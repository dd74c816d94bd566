package dev.koalja.router.snapshot;

import java.util.List;

/**
 * What follows from an arrival or from the time. The caller makes all of it true at once, together
 * with its position in the arrivals, or nothing of it.
 *
 * @param firings in the order in which they are to be invoked
 * @param refusals one for each event that is given up
 * @param changes of the state, to be written in this order
 */
public record Step(List<Firing> firings, List<Refusal> refusals, List<StateRecord> changes) {
  public Step {
    firings = List.copyOf(firings);
    refusals = List.copyOf(refusals);
    changes = List.copyOf(changes);
  }
}
