package dev.koalja.pipeline.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;

/**
 * Ids that sort by time: 48 bits of milliseconds and 80 more, as 26 characters of Crockford's base
 * 32 (the ULID specification). The 80 bits are random, or a digest where the same cause must give
 * the same id again.
 */
public final class Ulid {
  private static final char[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ulid() {}

  /** A new id that nobody can guess. */
  public static String random(Instant time) {
    byte[] entropy = new byte[10];
    RANDOM.nextBytes(entropy);
    return encode(time.toEpochMilli(), entropy);
  }

  /**
   * The id of a cause: the same {@code parts} at the same time give the same id, for ever.
   *
   * @param time only its milliseconds count
   * @param parts what identifies the cause; their borders count too
   */
  public static String derived(Instant time, String... parts) {
    MessageDigest digest = sha256();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
      digest.update(bytes);
    }
    byte[] entropy = new byte[10];
    System.arraycopy(digest.digest(), 0, entropy, 0, entropy.length);
    return encode(time.toEpochMilli(), entropy);
  }

  private static String encode(long millis, byte[] entropy) {
    char[] text = new char[26];
    for (int i = 9; i >= 0; i--) {
      text[i] = ALPHABET[(int) (millis & 31)];
      millis >>>= 5;
    }
    int position = 10;
    for (int group = 0; group < 10; group += 5) {
      long bits = 0;
      for (int i = 0; i < 5; i++) {
        bits = bits << 8 | entropy[group + i] & 0xff;
      }
      for (int shift = 35; shift >= 0; shift -= 5) {
        text[position++] = ALPHABET[(int) (bits >>> shift & 31)];
      }
    }
    return new String(text);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
