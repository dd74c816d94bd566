package dev.koalja.function;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The parameter of a {@link Function} that receives an event of a link. The parameter's name, in
 * kebab-case, is the name of the port.
 *
 * <p>Its type says how the data is read: a record or class from JSON, {@code JsonNode}, {@code
 * String} (a JSON string's value, any other data as text), {@code byte[]}, or the whole {@code
 * CloudEvent}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface Input {
  /** The link that is read. */
  String value();

  /** Where to begin on a link never read: {@code earliest}, {@code latest} or an RFC 3339 time. */
  String from() default "earliest";
}
