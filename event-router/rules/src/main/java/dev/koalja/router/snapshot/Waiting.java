package dev.koalja.router.snapshot;

import dev.koalja.pipeline.PortName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A snapshot that was not fired yet, for people.
 *
 * @param key what its events have in common; empty where nothing is correlated
 * @param windowStart when its window of time begins; empty without windows
 * @param inputs what is there of each input, in the task's order
 * @param missing the inputs that have too few; none when only time has to pass
 * @param since when the oldest event that no firing used arrived
 * @param notBefore when it fires at the earliest, because of the least time between firings
 * @param givesUp when it waits no longer; with windows of time: if nothing more arrives
 */
public record Waiting(
    String key,
    Optional<Instant> windowStart,
    List<Have> inputs,
    List<PortName> missing,
    Instant since,
    Optional<Instant> notBefore,
    Optional<Instant> givesUp) {
  public Waiting {
    inputs = List.copyOf(inputs);
    missing = List.copyOf(missing);
  }

  /**
   * What is there of one input.
   *
   * @param input the input
   * @param have so many events
   * @param of so many are needed
   * @param oldest the first of them, at most {@value #SHOWN}
   */
  public record Have(PortName input, int have, int of, List<Slot> oldest) {
    static final int SHOWN = 10;

    public Have {
      oldest = List.copyOf(oldest);
    }
  }
}
