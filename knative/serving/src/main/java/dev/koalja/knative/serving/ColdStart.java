package dev.koalja.knative.serving;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * How long the phases of a start took until the process was ready, each counted from the one
 * before. The first reply comes later.
 *
 * @param decide see {@link StartPhase#DECIDE}
 * @param spawn see {@link StartPhase#SPAWN}
 * @param jvm see {@link StartPhase#JVM}; empty where the process did not say when its code began
 * @param app see {@link StartPhase#APP}
 * @param ready see {@link StartPhase#READY}
 */
public record ColdStart(
    Duration decide, Duration spawn, Optional<Duration> jvm, Duration app, Duration ready) {
  /** The whole start. */
  public Duration total() {
    return decide.plus(spawn).plus(jvm.orElse(Duration.ZERO)).plus(app).plus(ready);
  }

  /** The same where it had taken longer to decide. */
  public ColdStart after(Duration more) {
    return new ColdStart(decide.plus(more), spawn, jvm, app, ready);
  }

  /** What is known of each phase. */
  public Map<StartPhase, Duration> phases() {
    Map<StartPhase, Duration> phases = new EnumMap<>(StartPhase.class);
    phases.put(StartPhase.DECIDE, decide);
    phases.put(StartPhase.SPAWN, spawn);
    jvm.ifPresent(took -> phases.put(StartPhase.JVM, took));
    phases.put(StartPhase.APP, app);
    phases.put(StartPhase.READY, ready);
    return Collections.unmodifiableMap(phases);
  }
}
