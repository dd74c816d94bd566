package dev.koalja.test;

import java.time.Duration;

/** What goes wrong on purpose. Counted from 1, from when a fault is asked for. */
public interface Faults {
  /** The nth event that comes to a link comes twice, as after a sender that got no answer. */
  Faults duplicate(String link, int nth);

  /** The nth event that comes to a link comes later. */
  Faults delay(String link, int nth, Duration by);

  /**
   * The next so many events of a link are held until all are there, and then come in the opposite
   * order; those of one key stay in theirs, which no broker changes.
   */
  Faults reorder(String link, int events);

  /** The nth call of a task fails, as if its function had thrown. */
  Faults fail(String task, int nth);
}
