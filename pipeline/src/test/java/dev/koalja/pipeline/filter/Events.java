package dev.koalja.pipeline.filter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.time.OffsetDateTime;

/** Events that tests of filters look at. */
final class Events {
  private Events() {}

  /** An order with attributes of every type. */
  static CloudEventBuilder order() {
    return CloudEventBuilder.v1()
        .withId("o-1")
        .withSource(URI.create("https://shop.example/orders"))
        .withType("order.created")
        .withSubject("eu-42")
        .withTime(OffsetDateTime.parse("2018-04-26T14:48:00+02:00"))
        .withExtension("priority", 5)
        .withExtension("test", false)
        .withExtension("token", new byte[] {1, 2, 3});
  }

  static CloudEventBuilder json(String data) {
    return order().withData("application/json", data.getBytes(UTF_8));
  }
}
