package dev.koalja.function;

import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Order;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method as a task of the circuit: it is called once per event of its {@link Input}, and
 * what it returns goes to its {@link Output}.
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

  /** Time allowed for one call, such as {@code 30s}. */
  String timeout() default "30s";

  /** Calls under way at the same time, over all instances; 1 to 10,000. */
  int maxInFlight() default 200;
}
