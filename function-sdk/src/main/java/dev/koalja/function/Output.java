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
 * {@code JsonNode} is written as JSON, {@code String} as text, {@code byte[]} and {@code
 * InputStream} as they are. An {@link Event} has attributes of its own besides its data. Of a
 * {@code CloudEvent} everything is kept but {@code id} and {@code source}, which say what made it.
 * A {@code CompletionStage}, {@code CompletableFuture} or Mutiny's {@code Uni} of any of these is
 * waited for.
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

  /**
   * What the data is written as, such as {@code application/x-www-form-urlencoded} or that of a
   * {@link dev.koalja.function.codec.DataFormat}. Text and bytes are as the function made them, and
   * only called so. By default JSON, {@code text/plain} or {@code application/octet-stream}.
   */
  String contentType() default "";

  /**
   * Attributes that are the same for every event, each as {@code name=value}: {@code
   * "subject=prices"}, {@code "tenant=acme"}. A component with {@link Attribute}, and an {@link
   * Event} itself, win over them.
   */
  String[] attributes() default {};
}
