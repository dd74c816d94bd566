package dev.koalja.cli.demo;

import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A push as GitHub's webhooks send it.
 *
 * @param headers those that GitHub sends, the signature included
 * @param body the payload, the bytes that are signed
 */
public record PushWebhook(Map<String, String> headers, byte[] body) {
  public PushWebhook {
    headers = Map.copyOf(headers);
  }

  /** A push of {@code history}, signed with {@code secret}. */
  public static PushWebhook of(GitHistory history, String secret, Instant now) {
    try {
      byte[] body = Json.MAPPER.writeValueAsBytes(PushPayload.of(history, now));
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Content-Type", "application/json");
      headers.put("User-Agent", "GitHub-Hookshot/demo");
      headers.put("X-GitHub-Event", "push");
      headers.put("X-GitHub-Delivery", UUID.randomUUID().toString());
      headers.put("X-GitHub-Hook-ID", "1");
      headers.put("X-GitHub-Hook-Installation-Target-ID", "1");
      headers.put("X-GitHub-Hook-Installation-Target-Type", "repository");
      headers.put("X-Hub-Signature-256", "sha256=" + hmac(secret, body));
      return new PushWebhook(headers, body);
    } catch (IOException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  private static String hmac(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }
}
