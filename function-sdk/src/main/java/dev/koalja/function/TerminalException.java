package dev.koalja.function;

import org.jspecify.annotations.Nullable;

/**
 * Says that trying again is useless: the event becomes a dead letter at once. Every other exception
 * is tried again, as the task's delivery says.
 */
public class TerminalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message the cause people will read and group dead letters by
   */
  public TerminalException(String message) {
    super(message);
  }

  /**
   * @param message the cause people will read and group dead letters by
   * @param cause what happened underneath
   */
  public TerminalException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
