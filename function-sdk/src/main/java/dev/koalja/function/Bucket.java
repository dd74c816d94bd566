package dev.koalja.function;

import dev.koalja.pipeline.TriggerKind;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A trigger: notifications of a bucket of the S3 family become events on a link, one per changed
 * object. The event's subject is the object's key, its data the notification's record as it was
 * sent. On a function method or its class, wherever it reads best.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@Repeatable(Bucket.All.class)
public @interface Bucket {
  /** The link the events go to. */
  String link();

  /** {@code s3://bucket} or {@code s3://bucket/prefix}; what is elsewhere is passed over. */
  String url();

  /** Which changes become events. */
  TriggerKind.Change[] events() default {TriggerKind.Change.CREATED, TriggerKind.Change.REMOVED};

  /** The name of the secret that holds the bearer token; none: no token is asked. */
  String token() default "";

  /** The trigger's name, part of its address; by default the bucket's name. */
  String name() default "";

  /** Holds several. */
  @Documented
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.METHOD, ElementType.TYPE})
  @interface All {
    /** The triggers. */
    Bucket[] value();
  }
}
