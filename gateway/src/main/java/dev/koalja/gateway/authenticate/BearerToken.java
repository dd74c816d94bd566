package dev.koalja.gateway.authenticate;

import dev.koalja.pipeline.access.AccessToken;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Compares bearer tokens without telling by its timing how much was right. */
public final class BearerToken {
  private static final String BASIC = "basic ";

  private BearerToken() {}

  /**
   * Verifies a bucket's notification. MinIO sends a token of two words as it is, without {@code
   * Bearer}; Ceph can only send a user and a password, whose password is the token then.
   */
  public static Verification verify(Optional<String> authorization, List<String> valid) {
    boolean verbatim = false;
    for (String token : valid) {
      verbatim |= token.contains(" ") && equal(token, authorization.orElse("").trim());
    }
    return AccessToken.matches(authorization, valid) | verbatim | password(authorization, valid)
        ? new Verification.Verified()
        : new Verification.Refused("send the token as Authorization: Bearer <token>");
  }

  private static boolean password(Optional<String> authorization, List<String> valid) {
    String header = authorization.orElse("").trim();
    if (!header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return false;
    }
    String credentials;
    try {
      credentials =
          new String(
              Base64.getDecoder().decode(header.substring(BASIC.length()).trim()),
              StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      return false;
    }
    int colon = credentials.indexOf(':');
    String sent = colon < 0 ? "" : credentials.substring(colon + 1);
    return AccessToken.equalsAny(sent, valid);
  }

  private static boolean equal(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}
