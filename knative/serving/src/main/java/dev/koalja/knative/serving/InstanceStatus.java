package dev.koalja.knative.serving;

import java.time.Instant;
import java.util.Optional;

/**
 * One instance, at one moment.
 *
 * @param pid its process id; 0 before there is a process
 * @param port the loopback port it listens on
 * @param state where it is in its life
 * @param inFlight requests it is working on
 * @param startedAt when its start was decided
 * @param revision the build it runs
 * @param coldStart how long it took to start, once ready
 */
public record InstanceStatus(
    long pid,
    int port,
    State state,
    int inFlight,
    Instant startedAt,
    String revision,
    Optional<ColdStart> coldStart) {

  /** The life of an instance, in this order. */
  public enum State {
    STARTING,
    READY,
    DRAINING,
    ENDED
  }
}
