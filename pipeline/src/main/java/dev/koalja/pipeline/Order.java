package dev.koalja.pipeline;

/** In which order one reader hands its events to its task; Knative's words, and {@code key}. */
public enum Order {
  /** Events of one key one after the other, different keys side by side. The default. */
  KEY,
  /** A whole partition one after the other. */
  ORDERED,
  /** No order: as many side by side as {@code maxInFlight} allows. */
  UNORDERED
}
