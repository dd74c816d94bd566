package dev.koalja.function;

import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Between how many instances a process is scaled, in Knative's words. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({})
public @interface Scale {
  /** Instances kept even when idle; 0 to 1000. */
  int min() default 0;

  /** Instances at most; 1 to 1000, not below {@link #min}. */
  int max() default 4;

  /** Requests one instance takes at the same time; 1 to 1000. */
  int concurrency() default 100;

  /** How long an instance stays without a request before it stops; {@code 1s} to {@code 1h}. */
  String idle() default "60s";
}
