package dev.koalja.function.testing;

import dev.koalja.function.Event;
import dev.koalja.function.Input;
import dev.koalja.function.KebabCase;
import dev.koalja.function.codec.Payload;
import dev.koalja.function.codec.PayloadCodec;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The events a test gives to one input, and the argument they become. */
final class GivenEvents {
  private final Parameter parameter;
  private final Type element;
  private final List<CloudEvent> events = new ArrayList<>();

  /** The events that {@code values} stand for: events already, or data of one. */
  GivenEvents(Parameter parameter, List<Object> values, PayloadCodec codec) {
    this.parameter = parameter;
    this.element = element(parameter);
    for (Object value : values) {
      events.add(value instanceof CloudEvent whole ? whole : event(value, codec));
    }
  }

  /** The port of a parameter. */
  static String port(Parameter parameter) {
    return KebabCase.of(parameter.getName());
  }

  static boolean isInput(Parameter parameter) {
    return parameter.isAnnotationPresent(Input.class);
  }

  /** Whether it holds any number of events. */
  static boolean isList(Parameter parameter) {
    return parameter.getType() == List.class;
  }

  List<CloudEvent> events() {
    return events;
  }

  /** What the function is called with. */
  @Nullable Object argument(PayloadCodec codec) {
    List<Object> values = new ArrayList<>();
    for (CloudEvent event : events) {
      values.add(value(event, codec));
    }
    if (isList(parameter)) {
      return List.copyOf(values);
    }
    if (values.size() > 1) {
      throw new IllegalArgumentException(
          "input %s takes one event, not %d".formatted(port(parameter), values.size()));
    }
    if (parameter.getType() == Optional.class) {
      return values.stream().findFirst();
    }
    if (values.isEmpty() && !nullable()) {
      throw new IllegalArgumentException(
          "input %s has no event: give it one, with(\"%s\", …)"
              .formatted(port(parameter), port(parameter)));
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  private Object value(CloudEvent event, PayloadCodec codec) {
    if (element == CloudEvent.class) {
      return event;
    }
    return element instanceof ParameterizedType typed && typed.getRawType() == Event.class
        ? Event.of(codec.read(payload(event), data()), event)
        : codec.read(payload(event), element);
  }

  /** What the data is read as, also where the whole event is wanted with it. */
  private Type data() {
    return element instanceof ParameterizedType typed && typed.getRawType() == Event.class
        ? typed.getActualTypeArguments()[0]
        : element;
  }

  private boolean nullable() {
    return Stream.of(parameter.getAnnotations(), parameter.getAnnotatedType().getAnnotations())
        .flatMap(Arrays::stream)
        .anyMatch(each -> each.annotationType().getSimpleName().equals("Nullable"));
  }

  private static Type element(Parameter parameter) {
    Type type = parameter.getParameterizedType();
    if ((isList(parameter) || parameter.getType() == Optional.class)
        && type instanceof ParameterizedType parameterized) {
      type = parameterized.getActualTypeArguments()[0];
    }
    return type instanceof WildcardType wildcard ? wildcard.getUpperBounds()[0] : type;
  }

  private CloudEvent event(Object data, PayloadCodec codec) {
    Payload payload;
    if (data instanceof String text && data() != String.class) {
      payload = new Payload(text.getBytes(StandardCharsets.UTF_8), Payload.JSON);
    } else if (data instanceof byte[] bytes && data() != byte[].class) {
      payload = new Payload(bytes, Payload.JSON);
    } else {
      payload = codec.write(data);
    }
    return CloudEventBuilder.v1()
        .withId("test-" + port(parameter) + "-" + events.size())
        .withSource(URI.create("/test"))
        .withType("test")
        .withDataContentType(payload.contentType().orElse(Payload.JSON))
        .withData(payload.data())
        .build();
  }

  private static Payload payload(CloudEvent event) {
    CloudEventData data = event.getData();
    return new Payload(
        data == null ? new byte[0] : data.toBytes(),
        Optional.ofNullable(event.getDataContentType()));
  }
}
