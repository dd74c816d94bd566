package dev.koalja.gateway.authenticate;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * GitHub's {@code X-Hub-Signature-256}: HMAC-SHA256 over the raw body. The old SHA-1 header is
 * ignored. Pure.
 */
public final class GitHubSignature {
  /** The header with the signature. */
  public static final String HEADER = "X-Hub-Signature-256";

  private static final String PREFIX = "sha256=";
  private static final String ALGORITHM = "HmacSHA256";

  private GitHubSignature() {}

  /**
   * Verifies a body against every secret; which one matched cannot be told by the time it takes.
   *
   * @param secrets what counts; not empty
   */
  public static Verification verify(Optional<String> header, byte[] body, List<String> secrets) {
    if (header.isEmpty()) {
      return new Verification.Refused("the header " + HEADER + " is missing");
    }
    String text = header.get().trim().toLowerCase(Locale.ROOT);
    if (!text.matches(PREFIX + "[0-9a-f]{64}")) {
      return new Verification.Refused(HEADER + " must be sha256= and 64 hex digits");
    }
    byte[] sent = HexFormat.of().parseHex(text.substring(PREFIX.length()));
    boolean matches = false;
    for (String secret : secrets) {
      matches |= MessageDigest.isEqual(hmac(secret, body), sent);
    }
    return matches
        ? new Verification.Verified()
        : new Verification.Refused(HEADER + " does not fit the body and the secret");
  }

  private static byte[] hmac(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
