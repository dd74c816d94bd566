package dev.koalja.runtime.health;

import dev.koalja.pipeline.error.ErrorCode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** What is counted about one function. Safe for many threads. */
public final class FunctionCounters {
  private static final double[] BOUNDS = {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30};

  private final LongAdder started = new LongAdder();
  private final LongAdder succeeded = new LongAdder();
  private final LongAdder[] failed = adders(ErrorCode.values().length);
  private final LongAdder[] buckets = adders(BOUNDS.length + 1);
  private final LongAdder nanos = new LongAdder();

  private static LongAdder[] adders(int count) {
    LongAdder[] adders = new LongAdder[count];
    for (int i = 0; i < count; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }

  /** An invocation began. */
  public void begin() {
    started.increment();
  }

  /**
   * An invocation ended.
   *
   * @param failure why it failed; empty when it succeeded
   * @param took how long it ran
   */
  public void end(Optional<ErrorCode> failure, Duration took) {
    failure.map(code -> failed[code.ordinal()]).orElse(succeeded).increment();
    nanos.add(took.toNanos());
    double seconds = took.toNanos() / 1e9;
    int bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
      bucket++;
    }
    buckets[bucket].increment();
  }

  /** Appends the samples of the invocation counter. */
  void outcomes(StringBuilder text, String name, String labels) {
    sample(text, name, labels + ",outcome=\"succeeded\"", succeeded.sum());
    for (ErrorCode code : ErrorCode.values()) {
      long count = failed[code.ordinal()].sum();
      if (count > 0) {
        sample(text, name, labels + ",outcome=\"" + code.word() + "\"", count);
      }
    }
  }

  /** Appends the samples of the duration histogram. */
  void durations(StringBuilder text, String name, String labels) {
    long cumulated = 0;
    for (int i = 0; i < BOUNDS.length; i++) {
      cumulated += buckets[i].sum();
      sample(text, name + "_bucket", labels + ",le=\"" + BOUNDS[i] + "\"", cumulated);
    }
    cumulated += buckets[BOUNDS.length].sum();
    sample(text, name + "_bucket", labels + ",le=\"+Inf\"", cumulated);
    sample(text, name + "_count", labels, cumulated);
    text.append(name).append("_sum{").append(labels).append("} ");
    text.append(nanos.sum() / 1e9).append('\n');
  }

  /** Appends the sample of what is under way. */
  void inFlight(StringBuilder text, String name, String labels) {
    long ended = succeeded.sum();
    for (LongAdder adder : failed) {
      ended += adder.sum();
    }
    sample(text, name, labels, Math.max(0, started.sum() - ended));
  }

  private static void sample(StringBuilder text, String name, String labels, long value) {
    text.append(name).append('{').append(labels).append("} ").append(value).append('\n');
  }
}
