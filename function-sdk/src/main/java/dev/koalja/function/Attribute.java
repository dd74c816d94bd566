package dev.koalja.function;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The component of a result that becomes an attribute of the event: {@code subject}, {@code time},
 * {@code type}, {@code dataschema} or any extension. It stays part of the data. On a record whose
 * components are several outputs it is for all of them. Null or an empty {@code Optional} sets
 * nothing.
 *
 * <pre>{@code
 * record Priced(@Key String customer, @Attribute("subject") String order, BigDecimal total) {}
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Attribute {
  /** The attribute: 1 to 20 lower-case letters and digits. */
  String value();
}
