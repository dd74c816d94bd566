package dev.koalja.knative.serving;

import java.util.Locale;

/** The parts of a cold start, in the order in which they come. */
public enum StartPhase {
  /** From the need to the decision: until the system is asked for a process. */
  DECIDE,

  /** Until the operating system has a process. */
  SPAWN,

  /** Until the app's own code begins; only of a process that says when that was. */
  JVM,

  /** Until the process says that it listens; with {@link #JVM} in it where that is not known. */
  APP,

  /** Until its readiness probe answered 200; nothing where the line says that it is ready. */
  READY,

  /** From handing the first event over until its answer. */
  REPLY;

  /** As metrics and commands name it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
