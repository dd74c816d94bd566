package dev.koalja.test;

import dev.koalja.function.Key;
import dev.koalja.function.codec.Payload;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An event to be sent. Immutable.
 *
 * @param data JSON text, bytes, or a value that is written as JSON
 * @param attributes CloudEvents attributes and extensions; what is not said is chosen
 */
public record Event(Object data, Map<String, String> attributes) {
  private static final PayloadCodec CODEC = new PayloadCodec(Json.MAPPER);

  /** Copies the attributes. */
  public Event {
    attributes = new LinkedHashMap<>(attributes);
  }

  /** An event with nothing said but its data. */
  public static Event of(Object data) {
    return new Event(data, Map.of());
  }

  /** The same with a key. */
  public Event key(String key) {
    return with(KoaljaExtensions.PARTITION_KEY, key);
  }

  /** The same with a type. */
  public Event type(String type) {
    return with("type", type);
  }

  /** The same with an id: the same source and id mean the same event. */
  public Event id(String id) {
    return with("id", id);
  }

  /** The same with the time when it happened. */
  public Event time(Instant time) {
    return with("time", time.atOffset(ZoneOffset.UTC).toString());
  }

  /** The same with an attribute or extension. */
  public Event with(String attribute, String value) {
    Map<String, String> more = new LinkedHashMap<>(attributes);
    more.put(attribute, value);
    return new Event(data, more);
  }

  /** The event that {@code given} stands for. */
  static CloudEvent from(Object given, String id, Instant now) {
    if (given instanceof CloudEvent whole) {
      return whole;
    }
    return (given instanceof Event event ? event : of(given)).build(id, now);
  }

  private CloudEvent build(String id, Instant now) {
    Payload payload = payload();
    CloudEventBuilder event =
        CloudEventBuilder.v1()
            .withId(id)
            .withSource(URI.create("/test"))
            .withType(defaultType())
            .withTime(now.atOffset(ZoneOffset.UTC))
            .withDataContentType(payload.contentType().orElse(Payload.JSON))
            .withData(payload.data());
    key(data).ifPresent(key -> event.withExtension(KoaljaExtensions.PARTITION_KEY, key));
    attributes.forEach(
        (name, value) -> {
          switch (name) {
            case "id", "source", "type", "time", "subject", "datacontenttype", "dataschema" ->
                event.withContextAttribute(name, value);
            default -> event.withExtension(name, value);
          }
        });
    return event.build();
  }

  private Payload payload() {
    return switch (data) {
      case String text -> new Payload(text.getBytes(StandardCharsets.UTF_8), Payload.JSON);
      case byte[] bytes -> new Payload(bytes, Payload.JSON);
      default -> CODEC.write(data);
    };
  }

  /** What an output of this type would have. */
  private String defaultType() {
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

  /** The data of an event as a function would read it. */
  static <T> T read(CloudEvent event, Class<T> type) {
    if (type == CloudEvent.class) {
      return type.cast(event);
    }
    CloudEventData data = event.getData();
    return type.cast(
        CODEC.read(
            new Payload(
                data == null ? new byte[0] : data.toBytes(),
                Optional.ofNullable(event.getDataContentType())),
            type));
  }

  /** The data of an event for people. */
  static String text(CloudEvent event) {
    CloudEventData data = event.getData();
    Object key = event.getExtension(KoaljaExtensions.PARTITION_KEY);
    return (key == null ? "" : key + ": ")
        + (data == null ? "no data" : new String(data.toBytes(), StandardCharsets.UTF_8));
  }
}
