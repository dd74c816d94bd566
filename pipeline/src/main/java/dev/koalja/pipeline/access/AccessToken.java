package dev.koalja.pipeline.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/** Compares bearer tokens without telling by its timing how much was right. */
public final class AccessToken {
  private static final String SCHEME = "bearer ";

  private AccessToken() {}

  /**
   * Whether an {@code Authorization} header carries one of {@code valid}.
   *
   * @param authorization the header
   * @param valid the tokens that count; none: nothing matches
   */
  public static boolean matches(Optional<String> authorization, List<String> valid) {
    String header = authorization.orElse("").trim();
    String sent =
        header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
            ? header.substring(SCHEME.length()).trim()
            : "";
    return equalsAny(sent, valid);
  }

  /** Whether {@code sent} is one of {@code valid}; empty text is none. */
  public static boolean equalsAny(String sent, List<String> valid) {
    boolean matches = false;
    for (String token : valid) {
      matches |= equal(token, sent);
    }
    return matches && !sent.isEmpty();
  }

  private static boolean equal(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}
