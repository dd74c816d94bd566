package dev.koalja.soak;

import java.util.List;

/**
 * A promise that was not kept.
 *
 * @param kind which one
 * @param what what is wrong, for people
 * @param records where to look
 */
public record Breach(Kind kind, String what, List<String> records) {
  public Breach {
    records = List.copyOf(records);
  }

  /** The promises. */
  public enum Kind {
    /** Something that came in led to nothing. */
    LOST,
    /** Something came about twice. */
    DOUBLED,
    /** Events of one key changed places. */
    REORDERED,
    /** A snapshot is not the one that the order of arrivals makes. */
    WRONG_TUPLE,
    /** A function's result or outcome is another than it should be. */
    WRONG_RESULT,
    /** A record that no invocation made. */
    WITHOUT_JOURNAL,
    /** The journal speaks of a record that does not stand where it says. */
    WITHOUT_RECORD,
    /** A transaction that nobody ended. */
    UNDECIDED
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
        + ": "
        + what
        + (records.isEmpty() ? "" : " — " + String.join("; ", records));
  }
}
