package dev.koalja.gateway.bucket;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes keys of notifications: percent-encoded UTF-8, and {@code +} is a space. */
final class ObjectKey {
  private ObjectKey() {}

  /** The key; as it came when it is not encoded like that, or would hold control characters. */
  static String decode(String encoded) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '+') {
        bytes.write(' ');
      } else if (c == '%' && i + 2 < encoded.length()) {
        int high = Character.digit(encoded.charAt(i + 1), 16);
        int low = Character.digit(encoded.charAt(i + 2), 16);
        if (high < 0 || low < 0) {
          return encoded;
        }
        bytes.write(high << 4 | low);
        i += 2;
      } else if (c == '%') {
        return encoded;
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    try {
      String key =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString();
      return key.chars().anyMatch(Character::isISOControl) ? encoded : key;
    } catch (CharacterCodingException _) {
      return encoded;
    }
  }
}
