package dev.koalja.launch;

import java.util.OptionalInt;

/** A process did not come up. The message is its own last word, fit for people. */
public final class LaunchException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int exitCode;

  LaunchException(String message) {
    this(message, -1);
  }

  LaunchException(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  LaunchException(String message, Throwable cause) {
    super(message, cause);
    this.exitCode = -1;
  }

  /** How the process ended; empty when it was never there or never said it was ready. */
  public OptionalInt exitCode() {
    return exitCode < 0 ? OptionalInt.empty() : OptionalInt.of(exitCode);
  }
}
