package dev.koalja.cli.show;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where a command writes: results to {@code out}, everything else to {@code err}. Knows whether a
 * person looks on, and whether colours are wanted. Safe for threads: a line is written whole.
 */
public final class Screen {
  private static final int COLUMNS = 120;

  private final PrintStream out;
  private final PrintStream err;
  private final boolean terminal;
  private final boolean colour;
  private final int columns;
  private boolean unfinished;
  private boolean facts = true;

  /** A screen; colours are used on terminals only. */
  public Screen(PrintStream out, PrintStream err, boolean terminal, boolean colour, int columns) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
    this.colour = terminal && colour;
    this.columns = columns;
  }

  /**
   * The screen of this process. The launcher says by system property {@code koalja.columns} that
   * there is a terminal and how wide it is, because the platform takes long to find out.
   */
  public static Screen ofProcess(Map<String, String> environment) {
    int columns = Integer.getInteger("koalja.columns", 0);
    boolean colour =
        environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
    return new Screen(
        new PrintStream(System.out, true, StandardCharsets.UTF_8),
        new PrintStream(System.err, true, StandardCharsets.UTF_8),
        columns > 0,
        colour,
        columns > 20 ? columns : COLUMNS);
  }

  /** Whether a person looks on. */
  public boolean terminal() {
    return terminal;
  }

  /** How many characters fit in a line. */
  public int columns() {
    return columns;
  }

  /** Writes a line of result. */
  public synchronized void line(String text) {
    endUnfinished();
    out.println(text);
  }

  /** Writes a line that tells how it goes: a result for people, beside the result for programs. */
  public synchronized void fact(String text) {
    if (facts) {
      line(text);
    } else {
      note(text);
    }
  }

  /** From now on programs read the results: facts go where errors go. */
  public synchronized void resultsOnly() {
    facts = false;
  }

  /** Writes a line that is no result: hints, errors. */
  public synchronized void note(String text) {
    endUnfinished();
    err.println(text);
  }

  /** On a terminal: says what is being done, in a line that the next one replaces. */
  public synchronized void doing(String text) {
    if (terminal) {
      err.print("\r\u001b[K" + text);
      err.flush();
      unfinished = true;
    }
  }

  private void endUnfinished() {
    if (unfinished) {
      err.print("\r\u001b[K");
      err.flush();
      unfinished = false;
    }
  }

  /** In bold. */
  public String bold(String text) {
    return in("1", text);
  }

  /** Less visible. */
  public String dim(String text) {
    return in("2", text);
  }

  /** As something wrong. */
  public String red(String text) {
    return in("31", text);
  }

  /** As something good. */
  public String green(String text) {
    return in("32", text);
  }

  /** As something to look at. */
  public String yellow(String text) {
    return in("33", text);
  }

  private String in(String code, String text) {
    return colour && !text.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
