package dev.koalja.function.codec;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Which data a {@link DataFormat} reads and writes. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface ContentTypes {
  /**
   * Media types without parameters, such as {@code text/csv}, or a suffix that many have, such as
   * {@code +cbor}; in lower case.
   */
  String[] value();
}
