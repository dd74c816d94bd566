package dev.koalja.test;

import dev.koalja.function.Event;
import dev.koalja.function.Key;
import dev.koalja.function.codec.Payload;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.runtime.result.Attributes;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** The event that what a test gives stands for; what is not said of it is chosen. */
record GivenEvent(PayloadCodec codec) {
  /** For a link, where text and bytes are JSON unless their content type is said. */
  CloudEvent of(Object given, String id, Instant now) {
    return of(given, Object.class, id, now);
  }

  /** For a parameter: one of text takes text as it is, one of bytes bytes. */
  CloudEvent of(Object given, Type readAs, String id, Instant now) {
    if (given instanceof CloudEvent whole) {
      return whole;
    }
    Event<?> said = given instanceof Event<?> event ? event : Event.of(given);
    Payload payload = payload(said, readAs);
    CloudEventBuilder event =
        CloudEventBuilder.v1()
            .withId(id)
            .withSource(URI.create("/test"))
            .withType(type(said.data()))
            .withTime(now.atOffset(ZoneOffset.UTC))
            .withDataContentType(payload.contentType().orElse(Payload.JSON))
            .withData(payload.data());
    key(said.data()).ifPresent(key -> event.withExtension(KoaljaExtensions.PARTITION_KEY, key));
    said.attributes()
        .forEach(
            (name, value) -> {
              switch (name) {
                case "id" -> event.withId(value.toString());
                case "source" -> event.withSource(URI.create(value.toString()));
                case "datacontenttype" -> {} // the data was written so
                default -> Attributes.set(event, name, value);
              }
            });
    return event.build();
  }

  private Payload payload(Event<?> said, Type readAs) {
    Object data = said.data();
    if (said.contentType().isPresent()) {
      return codec.write(data, said.contentType().get());
    }
    if (data instanceof String text && readAs != String.class) {
      return new Payload(text.getBytes(StandardCharsets.UTF_8), Payload.JSON);
    }
    if (data instanceof byte[] bytes && readAs != byte[].class && readAs != InputStream.class) {
      return new Payload(bytes, Payload.JSON);
    }
    return codec.write(data);
  }

  /** What an output of this type would have. */
  private static String type(Object data) {
    Class<?> type = data.getClass();
    String name = type.getCanonicalName();
    return name == null || name.startsWith("java.") || type.isArray() ? "test" : name;
  }

  private static Optional<String> key(Object data) {
    if (data.getClass().isRecord()) {
      for (RecordComponent component : data.getClass().getRecordComponents()) {
        if (component.isAnnotationPresent(Key.class)) {
          try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return Optional.ofNullable(accessor.invoke(data)).map(Object::toString);
          } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("the key of " + data + " cannot be read", e);
          }
        }
      }
    }
    return Optional.empty();
  }
}
