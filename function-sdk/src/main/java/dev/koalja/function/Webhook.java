package dev.koalja.function;

import dev.koalja.pipeline.TriggerKind;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A trigger: webhooks of a provider become events on a link, once their signature is verified. On a
 * function method or its class, wherever it reads best.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@Repeatable(Webhook.All.class)
public @interface Webhook {
  /** The link the events go to. */
  String link();

  /** Whose signature and mapping. */
  TriggerKind.Scheme scheme();

  /** The name of the secret that verifies, not the secret itself; none only for scheme NONE. */
  String secret() default "";

  /** The trigger's name, part of its address; by default the scheme's word, for NONE the link. */
  String name() default "";

  /** Holds several. */
  @Documented
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.METHOD, ElementType.TYPE})
  @interface All {
    /** The triggers. */
    Webhook[] value();
  }
}
