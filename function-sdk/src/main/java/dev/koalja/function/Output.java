package dev.koalja.function;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The link that what a {@link Function} returns goes to. On the method when there is one output; on
 * the components of a returned record when there are several.
 *
 * <p>A value makes one event; {@code null} or an empty {@code Optional} none; a {@code List},
 * {@code Set}, {@code Collection} or {@code Stream} one each. A record or class, a number, a map or
 * {@code JsonNode} is written as JSON, {@code String} as text, {@code byte[]} as it is. Of a {@code
 * CloudEvent} everything is kept but {@code id} and {@code source}, which say what made it.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.RECORD_COMPONENT})
public @interface Output {
  /** The link that is written. */
  String value();

  /**
   * The CloudEvents type of the events; by default the name of the Java type, and where that says
   * nothing, as with {@code String}, {@code <app>.<task>.<output>}.
   */
  String type() default "";
}
