package dev.koalja.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class HttpEventsTest {
  private static List<CloudEvent> batch(String json) {
    return HttpEvents.read(
        Map.of("content-type", "application/cloudevents-batch+json"),
        json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void shouldLoseNoDigitOfANumberInABatch() {
    List<CloudEvent> events =
        batch(
            """
            [{"specversion": "1.0", "id": "1", "source": "/s", "type": "t",
              "datacontenttype": "application/json",
              "data": {"price": 19.90, "long": 0.1234567890123456789}}]
            """);

    byte[] data = Objects.requireNonNull(events.getFirst().getData()).toBytes();
    assertThat(new String(data, StandardCharsets.UTF_8))
        .isEqualTo("{\"price\":19.90,\"long\":0.1234567890123456789}");
  }

  @Test
  void shouldRefuseWhatFollowsABatch() {
    assertThatThrownBy(() -> batch("[] []")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldWriteTimesWithTheirSeconds() {
    CloudEvent event =
        CloudEventBuilder.v1()
            .withId("1")
            .withSource(URI.create("/s"))
            .withType("t")
            .withTime(OffsetDateTime.parse("2026-11-22T10:00:00Z"))
            .build();
    Map<String, String> headers = new HashMap<>();

    HttpEvents.headers(event, headers::put);

    assertThat(headers).containsEntry("ce-time", "2026-11-22T10:00:00Z");
  }
}
