package dev.koalja.function;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The component of a result that becomes the event's key ({@code partitionkey}): events of one key
 * stay in order. Without it, or when it is null, a result has the key of the input; of several
 * events the one they share.
 *
 * <p>A string, number, {@code UUID}, enum or anything else whose {@code toString} is stable.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {}
