package dev.koalja.cli;

import java.util.List;

/** A command cannot go on. Its message is for people; its exit status for scripts. */
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int exit;
  private final List<String> details;
  private final int status;

  /**
   * An ending with a message.
   *
   * @param exit one of {@link Exit}
   * @param details lines that come before the message, such as the problems of a file
   */
  public CliException(int exit, String message, List<String> details) {
    this(exit, message, details, 0);
  }

  /**
   * The same of a circuit that refused.
   *
   * @param status that of its answer
   */
  public CliException(int exit, String message, List<String> details, int status) {
    super(message);
    this.exit = exit;
    this.details = List.copyOf(details);
    this.status = status;
  }

  /** The user's mistake. */
  public static CliException usage(String message) {
    return new CliException(Exit.USAGE, message, List.of());
  }

  /** Something needed is not there. */
  public static CliException unavailable(String message) {
    return new CliException(Exit.UNAVAILABLE, message, List.of());
  }

  /** The exit status. */
  public int exit() {
    return exit;
  }

  /** Lines that come before the message. */
  public List<String> details() {
    return details;
  }

  /** The HTTP status with which a circuit refused; 0 where none did. */
  public int status() {
    return status;
  }
}
