package dev.koalja.function;

import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.Snapshot;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method as a task of the circuit: it is called once per event of its {@link Input}, and
 * what it returns goes to its {@link Output}.
 *
 * <p>With several inputs it is a join: it is called once per <i>snapshot</i>, which has one event
 * of each, or as many as the input says. By default those of one key meet, and each is used once:
 *
 * <pre>{@code
 * @Function @Output("shipment")
 * Shipment ship(@Input("priced") Priced priced, @Input("stock") Stock stock) { … }
 *
 * @Function(correlate = Correlate.NONE) @Output("report")
 * Report report(@Input(value = "shipment", length = 100, slide = 10) List<Shipment> last) { … }
 *
 * @Function(batch = 100, linger = "20ms") // up to 100 events as they come, in one call
 * void store(@Input("order") List<Order> orders, FunctionContext context) { … }
 * }</pre>
 *
 * <p>The method's class becomes a singleton bean unless it has another scope; calls come on virtual
 * threads and side by side, so fields must be safe for that. Throw {@link TerminalException} to
 * stop; anything else is tried again.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Function {
  /** The task's name; by default the method's name in kebab-case. */
  String name() default "";

  /** Whether the function gets processes of its own instead of sharing the app's. */
  boolean isolated() default false;

  /** Between how many instances its processes scale; one setting for all that share a process. */
  Scale scale() default @Scale;

  /**
   * How long a cold start of the function may take, such as {@code 200ms}, {@code 1ms} to {@code
   * 1m}: from the start of its process to the first answer. Packaging measures it and fails when it
   * takes longer, or warns with {@code koalja.cold-start.check=warn}. It is measured beside a
   * reference program, so that it means the same on every machine: the budget is for one on which
   * that program, a bare HTTP server of the JDK with a start-up cache, takes 60 ms.
   */
  String coldStartBudget() default "";

  /** In which order events are handed over. */
  Order order() default Order.KEY;

  /** Calls per event, first try included; 1 to 100, 1 means no retry. */
  int attempts() default 5;

  /** How the wait between attempts grows. */
  Backoff.Policy backoff() default Backoff.Policy.EXPONENTIAL;

  /** The wait after the first failed attempt, such as {@code 250ms}. */
  String delay() default "1s";

  /** The longest wait between attempts. */
  String maxDelay() default "5m";

  /** Time allowed for one call, {@code 1ms} to {@code 24h}; less where {@link #deadline} is. */
  String timeout() default "30s";

  /**
   * Time allowed for an event in all, {@code 1ms} to {@code 30d}, from its append to its link or,
   * where a function takes snapshots, from that of the snapshot; then it is a dead letter.
   */
  String deadline() default "";

  /**
   * Events whose calls are under way at the same time, over all instances; 1 to 10,000. Unless it
   * is written at least one {@link #batch}.
   */
  int maxInFlight() default 200;

  /** Bytes of those events, {@code 1KiB} to {@code 1GiB}; a single event always may. */
  String maxInFlightBytes() default "32MiB";

  /**
   * Events whose calls begin in a time, such as {@code 100/s}, {@code /m} or {@code /h}, 1 to
   * 1,000,000; without it as many as the function takes.
   */
  String rate() default "";

  /**
   * How long the same {@code source} and {@code id} mean the same event, {@code 1ms} to {@code 7d}:
   * the second one is not handed over.
   */
  String deduplicate() default "";

  /** Functions an event may have come through, 1 to 10,000; what came farther runs in a circle. */
  int maxHops() default 255;

  /** A link on which dead letters are put too, for a task that deals with them. */
  String deadLetter() default "";

  /**
   * Hands up to so many events over in one call, 2 to 1,000, as the {@code List} its one input is;
   * by default each has a call of its own. A key comes once in a call, unless the order is {@code
   * UNORDERED}. What the function returns are the results of all; where they need a key they have a
   * {@link Key}. It may fail single events with {@link FunctionContext#fail}. When it throws, the
   * events are handed over again in halves, until the one it fails at is alone.
   */
  int batch() default 0;

  /** How long the first event of a batch waits for others, up to {@code 1m}. */
  String linger() default "0s";

  /**
   * What happens to the events of a snapshot once they were used. Unless it is written, {@code
   * SLIDING_WINDOW} where an input slides.
   */
  Snapshot.Policy policy() default Snapshot.Policy.ALL_NEW;

  /** Which events belong together; an input may say otherwise for itself. */
  Correlate correlate() default Correlate.DEFAULT;

  /**
   * Correlates by something else than the key: an attribute, such as {@code subject}, or a value in
   * JSON data, such as {@code /customer/id}.
   */
  String correlateBy() default "";

  /** How long an incomplete snapshot waits, such as {@code 1h}; without it for ever. */
  String giveUpAfter() default "";

  /**
   * What happens then to what is there. A {@code PARTIAL} snapshot is handed over: an input without
   * an event is an empty {@code Optional} or {@code List}, or null where it is {@code @Nullable}.
   */
  Snapshot.Then then() default Snapshot.Then.DEADLETTER;

  /** The least time between two calls for one key; the last value is never lost. */
  String minInterval() default "";

  /**
   * Collects by the time of events instead of their number: one call for each tumbling window of
   * this size, such as {@code 1h}.
   */
  String window() default "";

  /** How much later than the end of a window its events may come. */
  String grace() default "0s";

  /** Events that may wait per key and input; 1 to 100,000; more become dead letters. */
  int maxWaiting() default Snapshot.DEFAULT_MAX_WAITING;
}
