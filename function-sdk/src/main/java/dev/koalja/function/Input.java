package dev.koalja.function;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The parameter of a {@link Function} that receives an event of a link, or several. The parameter's
 * name, in kebab-case, is the name of the port.
 *
 * <p>Its type says how the data is read: a record or class from JSON, a form or any other {@link
 * dev.koalja.function.codec.DataFormat}, {@code JsonNode}, {@code String} (a JSON string's value,
 * any other data as text), {@code byte[]} or {@code InputStream}; {@link Event} of one of them has
 * the attributes besides, and {@code CloudEvent} is the whole event as it came. A {@code List} of
 * one of these takes any number of events, an {@code Optional} one that may be absent.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface Input {
  /** The link that is read. */
  String value();

  /** Where to begin on a link never read: {@code earliest}, {@code latest} or an RFC 3339 time. */
  String from() default "earliest";

  /** How many events a snapshot has of this input; 1 to 10,000, more than one as a {@code List}. */
  int length() default 1;

  /** Instead of {@link #length}: a snapshot is complete with so many. */
  int min() default 1;

  /** Instead of {@link #length}: so many are taken when there are more; by default {@link #min}. */
  int max() default 1;

  /** How many of its events a sliding window lets go; 1 to {@link #length}. */
  int slide() default 1;

  /**
   * More links whose events are counted among these, in the order of arrival. In the pipeline file
   * they are inputs named after this one: {@code order-2}, {@code order-3}.
   */
  String[] merge() default {};

  /**
   * What makes its events belong to those of other inputs, where it is not the key: an attribute,
   * such as {@code subject}, or a value in JSON data, such as {@code /customer/id}.
   */
  String correlate() default "";

  /** An expression of CloudEvents SQL; events of which it is not true do not reach the function. */
  String filter() default "";
}
