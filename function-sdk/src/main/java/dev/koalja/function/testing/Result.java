package dev.koalja.function.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.function.Event;
import dev.koalja.function.codec.Payload;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.Json;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import java.util.Optional;

/**
 * One event a function made, before it has an identity.
 *
 * @param output the port
 * @param link the link it goes to
 * @param value what the function returned
 * @param key its key, when a {@code @Key} gives one; else it has the input's
 */
public record Result(String output, String link, Object value, Optional<String> key) {
  /**
   * The data as the next function on the link would read it.
   *
   * @throws dev.koalja.function.codec.UnreadableDataException when it cannot be read so
   */
  public <T> T as(Class<T> type) {
    return type.cast(new PayloadCodec(Json.MAPPER).read(payload(), type));
  }

  /** The data as JSON. */
  public JsonNode json() {
    return as(JsonNode.class);
  }

  /** The data as it would stand on the link. */
  public Payload payload() {
    if (value instanceof CloudEvent event) {
      CloudEventData data = event.getData();
      return new Payload(
          data == null ? new byte[0] : data.toBytes(),
          Optional.ofNullable(event.getDataContentType()));
    }
    PayloadCodec codec = new PayloadCodec(Json.MAPPER);
    return value instanceof Event<?> event
        ? event
            .contentType()
            .map(contentType -> codec.write(event.data(), contentType))
            .orElseGet(() -> codec.write(event.data()))
        : codec.write(value);
  }
}
