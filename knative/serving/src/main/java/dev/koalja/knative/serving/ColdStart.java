package dev.koalja.knative.serving;

import java.time.Duration;

/**
 * How long the phases of a start took, each counted from the one before.
 *
 * @param spawn from the decision to start until the operating system has a process
 * @param listening until the process says that it listens
 * @param ready until its readiness probe answered 200
 */
public record ColdStart(Duration spawn, Duration listening, Duration ready) {
  /** The whole start. */
  public Duration total() {
    return spawn.plus(listening).plus(ready);
  }
}
