package dev.koalja.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Makes requests for tests. */
public final class Requests {
  private Requests() {}

  /** A POST to a link. */
  public static Request post(Map<String, String> headers, String body) {
    return post(headers, body.getBytes(StandardCharsets.UTF_8));
  }

  /** A POST to a link. */
  public static Request post(Map<String, String> headers, byte[] body) {
    return new Request(
        "POST",
        "/events/order",
        Map.of("link", "order", "pipeline", "shop", "trigger", "hook"),
        Map.of(),
        Headers.of(headers),
        body,
        "127.0.0.1");
  }
}
