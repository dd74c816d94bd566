package dev.koalja.router.admission;

/** What the end of a call says of the function as a whole. */
public enum Effort {
  /** It works: it gave results, or refused this very event. */
  SERVED,
  /** It failed, which may be the event's fault. */
  FAILED,
  /** It has too much to do, or is gone: no answer, no instance, or it asked to be left alone. */
  OVERLOADED,
  /** Nothing: the call was given up for a reason of ours. */
  NOTHING
}
