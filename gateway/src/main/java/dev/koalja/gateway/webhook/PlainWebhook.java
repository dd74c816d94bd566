package dev.koalja.gateway.webhook;

import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.ingress.JsonText;
import dev.koalja.pipeline.Trigger;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

/**
 * Webhooks of nobody in particular (scheme {@code none}): whatever was posted is the data. Its id
 * is the one the sender gives in {@code webhook-id} or {@code Idempotency-Key}, which it repeats
 * when it sends again. Without one the id is random: the same body twice may well be two events.
 * Thread-safe.
 */
final class PlainWebhook {
  private static final String TYPE = "dev.koalja.webhook";

  /** Headers in which senders name a delivery. */
  private static final List<String> IDS = List.of("webhook-id", "Idempotency-Key");

  private final JsonText json;
  private final InstantSource clock;

  PlainWebhook(JsonText json, InstantSource clock) {
    this.json = json;
    this.clock = clock;
  }

  CloudEvent event(Trigger trigger, Request request) {
    String contentType =
        request.headers().first("Content-Type").orElse("application/octet-stream").trim();
    if (request.body().length > 0
        && contentType.toLowerCase(java.util.Locale.ROOT).contains("json")) {
      json.check(request.body());
    }
    CloudEventBuilder builder =
        CloudEventBuilder.v1()
            .withId(id(request))
            .withSource(
                URI.create("/webhooks/" + request.segment("pipeline") + "/" + trigger.name()))
            .withType(TYPE)
            .withTime(clock.instant().atOffset(ZoneOffset.UTC));
    if (request.body().length > 0) {
      builder.withData(contentType, request.body());
    }
    return builder.build();
  }

  private static String id(Request request) {
    return IDS.stream()
        .flatMap(name -> request.headers().first(name).stream())
        .map(String::trim)
        .filter(value -> !value.isEmpty())
        .findFirst()
        .orElseGet(() -> UUID.randomUUID().toString());
  }
}
