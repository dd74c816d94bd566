package dev.koalja.runtime.result;

import dev.koalja.function.AttributeName;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sets what authors say of results besides their data. */
public final class Attributes {
  private Attributes() {}

  /**
   * Sets an attribute or extension. Called by generated invokers.
   *
   * @param value null or an empty {@code Optional} or text leaves it as it is
   * @throws KoaljaException {@code bad-reply} when the attribute cannot have that value
   */
  public static void set(CloudEventBuilder event, String name, @Nullable Object value) {
    Object given = value instanceof Optional<?> optional ? optional.orElse(null) : value;
    if (given == null || given.toString().isEmpty()) {
      return;
    }
    try {
      switch (name) {
        case "type" -> event.withType(given.toString());
        case "subject" -> event.withSubject(given.toString());
        case "time" -> event.withTime(time(given));
        case "dataschema" -> event.withDataSchema(URI.create(given.toString()));
        default -> extension(event, name, given);
      }
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new KoaljaException(
          ErrorCode.BAD_REPLY,
          "the attribute %s of a result cannot be that: %s".formatted(name, e.getMessage()),
          e);
    }
  }

  /** What an {@code Event} says; its key and content type are heard elsewhere. */
  static void set(CloudEventBuilder event, Map<String, Object> attributes) {
    for (Map.Entry<String, Object> attribute : attributes.entrySet()) {
      switch (attribute.getKey()) {
        case "id", "source", "datacontenttype", "partitionkey" -> {}
        default -> {
          if (!AttributeName.isReserved(attribute.getKey())) {
            set(event, attribute.getKey(), attribute.getValue());
          }
        }
      }
    }
  }

  private static OffsetDateTime time(Object value) {
    if (value instanceof OffsetDateTime time) {
      return time;
    }
    return value instanceof Instant instant
        ? instant.atOffset(ZoneOffset.UTC)
        : OffsetDateTime.parse(value.toString());
  }

  private static void extension(CloudEventBuilder event, String name, Object value) {
    if (value instanceof Boolean flag) {
      event.withExtension(name, flag);
    } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      event.withExtension(name, ((Number) value).intValue());
    } else if (value instanceof OffsetDateTime || value instanceof Instant) {
      event.withExtension(name, time(value));
    } else if (value instanceof URI uri) {
      event.withExtension(name, uri);
    } else if (value instanceof byte[] bytes) {
      event.withExtension(name, bytes);
    } else {
      event.withExtension(name, value.toString());
    }
  }
}
