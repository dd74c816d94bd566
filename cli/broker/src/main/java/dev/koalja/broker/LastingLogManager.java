package dev.koalja.broker;

import java.util.logging.LogManager;

/**
 * A log manager that goes on to the end: the platform's own closes every log as soon as shutdown
 * begins, and with it goes what the broker says while it stops.
 */
public final class LastingLogManager extends LogManager {
  /** Makes this the log manager of the process; to be called before anything logs. */
  static void install() {
    System.setProperty("java.util.logging.manager", LastingLogManager.class.getName());
  }

  @Override
  public void reset() {
    // nothing: see above
  }
}
