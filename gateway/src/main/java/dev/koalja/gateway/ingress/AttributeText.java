package dev.koalja.gateway.ingress;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The value of an attribute in an HTTP header, decoded as the CloudEvents HTTP binding says: old
 * double quotes first, then one round of percent-decoding, strictly UTF-8.
 */
final class AttributeText {
  private AttributeText() {}

  static String decode(String name, String header) {
    String unquoted = unquote(header.trim());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(unquoted.length());
    for (int i = 0; i < unquoted.length(); i++) {
      char c = unquoted.charAt(i);
      if (c != '%') {
        // the HTTP decoder hands bytes as ISO 8859-1 characters
        bytes.write(c);
        continue;
      }
      boolean complete = i + 2 < unquoted.length();
      int high = complete ? Character.digit(unquoted.charAt(i + 1), 16) : -1;
      int low = complete ? Character.digit(unquoted.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        throw malformed(name, "has a % that begins no percent-encoding (write it as %25)");
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException _) {
      throw malformed(name, "is not UTF-8 after percent-decoding");
    }
  }

  private static String unquote(String value) {
    if (value.length() < 2 || !value.startsWith("\"") || !value.endsWith("\"")) {
      return value;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < value.length() - 1; i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length() - 1) {
        c = value.charAt(++i);
      }
      text.append(c);
    }
    return text.toString();
  }

  private static KoaljaException malformed(String name, String why) {
    return new KoaljaException(ErrorCode.MALFORMED_EVENT, "attribute " + name + " " + why);
  }
}
