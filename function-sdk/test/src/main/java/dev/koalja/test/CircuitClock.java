package dev.koalja.test;

import java.time.Duration;
import java.time.Instant;

/**
 * The time in a circuit. In memory it stands still until a test advances it, and retries, timeouts
 * and windows happen at their time to the nanosecond. On the breadboard it is the real time, and
 * advancing it is waiting: so a test that is to run there keeps its times short.
 */
public interface CircuitClock {
  /** Now. */
  Instant now();

  /** Lets time pass, and does what becomes due. */
  void advance(Duration by);
}
