package dev.koalja.function;

/** Which events of a {@link Function} belong together. */
public enum Correlate {
  /**
   * {@link #KEY} when there are several links or a {@link KeyedState}, {@link #NONE} when there is
   * one link.
   */
  DEFAULT,
  /** Those of one key. A keyless event is its own key, so it meets no other. */
  KEY,
  /** All, in the order in which they arrive. */
  NONE
}
