package dev.koalja.router.snapshot;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Json;
import dev.koalja.router.dispatch.Delivery;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import java.io.IOException;
import java.util.Optional;

/** Finds what makes an event belong to others. Immutable. */
final class Correlator {
  private static final int MAX_KEY = 1000;

  private final Correlation rule;

  Correlator(Correlation rule) {
    this.rule = rule;
  }

  /** What was found. */
  sealed interface Found {
    /** The key; empty where nothing is correlated. */
    record Key(Optional<String> key) implements Found {}

    /** There is none, for a reason. */
    record Missing(String reason) implements Found {}
  }

  Found key(Delivery delivery) {
    return switch (rule) {
      case Correlation.None _ -> new Found.Key(Optional.empty());
      case Correlation.Key _ ->
          found(delivery.key(), "the event has no key to find its counterparts by");
      case Correlation.Attribute(var name) ->
          found(
              attribute(delivery.event(), name),
              "the event has no attribute %s to find its counterparts by".formatted(name));
      case Correlation.Pointer(var pointer) ->
          found(
              value(delivery.event(), pointer),
              "the event's data has no text, number or boolean at %s".formatted(pointer));
    };
  }

  private static Found found(Optional<String> key, String missing) {
    Optional<String> present = key.filter(text -> !text.isEmpty());
    if (present.isEmpty()) {
      return new Found.Missing(missing);
    }
    return present.get().length() > MAX_KEY
        ? new Found.Missing("the correlation key has more than %d characters".formatted(MAX_KEY))
        : new Found.Key(present);
  }

  private static Optional<String> attribute(CloudEvent event, String name) {
    Object value =
        event.getAttributeNames().contains(name)
            ? event.getAttribute(name)
            : event.getExtension(name);
    return Optional.ofNullable(value).map(Object::toString);
  }

  private static Optional<String> value(CloudEvent event, String pointer) {
    CloudEventData data = event.getData();
    if (data == null) {
      return Optional.empty();
    }
    try {
      JsonNode found = Json.MAPPER.readTree(data.toBytes()).at(JsonPointer.compile(pointer));
      return found.isValueNode() && !found.isNull()
          ? Optional.of(found.asText())
          : Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
