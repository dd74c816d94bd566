package dev.koalja.cli;

/** Exit statuses, after {@code sysexits.h}. They never change meaning. */
public final class Exit {
  /** Done. */
  public static final int OK = 0;

  /** The user's mistake: words, names, files. */
  public static final int USAGE = 64;

  /** Something needed is not there: a port, a program, a circuit that runs. */
  public static final int UNAVAILABLE = 69;

  /** Our bug; a file to send was written. */
  public static final int BUG = 70;

  /** Ctrl-C twice. */
  public static final int INTERRUPTED = 130;

  private Exit() {}
}
