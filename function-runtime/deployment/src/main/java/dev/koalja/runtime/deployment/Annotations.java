package dev.koalja.runtime.deployment;

import dev.koalja.function.Attribute;
import dev.koalja.function.Bucket;
import dev.koalja.function.Event;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Key;
import dev.koalja.function.KeyedState;
import dev.koalja.function.Output;
import dev.koalja.function.Webhook;
import java.util.Optional;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.DotName;
import org.jspecify.annotations.Nullable;

/** The SDK's names in the index. */
final class Annotations {
  static final DotName FUNCTION = DotName.createSimple(Function.class);
  static final DotName INPUT = DotName.createSimple(Input.class);
  static final DotName OUTPUT = DotName.createSimple(Output.class);
  static final DotName KEY = DotName.createSimple(Key.class);
  static final DotName ATTRIBUTE = DotName.createSimple(Attribute.class);
  static final DotName EVENT = DotName.createSimple(Event.class);
  static final DotName WEBHOOK = DotName.createSimple(Webhook.class);
  static final DotName BUCKET = DotName.createSimple(Bucket.class);
  static final DotName STATE = DotName.createSimple(KeyedState.class);
  static final DotName CONTEXT = DotName.createSimple(FunctionContext.class);

  private Annotations() {}

  /** The text of a member, when the author wrote one that is not empty. */
  static Optional<String> text(AnnotationInstance annotation, String member) {
    return value(annotation, member).map(AnnotationValue::asString).filter(text -> !text.isEmpty());
  }

  /** The value of a member, when the author wrote one. */
  static Optional<AnnotationValue> value(AnnotationInstance annotation, String member) {
    @Nullable AnnotationValue value = annotation.value(member);
    return Optional.ofNullable(value);
  }
}
