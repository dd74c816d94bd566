package dev.koalja.benchmarks;

/**
 * What the design promises, and what came of it. Printed, never a reason to fail: the machine may
 * be busy.
 *
 * @param what the promise in words
 * @param measured the ratio or difference that was measured
 * @param bound the one that was promised
 * @param met whether it was kept in this run
 */
public record Aim(String what, double measured, double bound, boolean met) {
  /** One that should not be above {@code bound}. */
  public static Aim atMost(String what, double measured, double bound) {
    return new Aim(what, measured, bound, measured <= bound);
  }

  /** One that should not be below {@code bound}. */
  public static Aim atLeast(String what, double measured, double bound) {
    return new Aim(what, measured, bound, measured >= bound);
  }
}
