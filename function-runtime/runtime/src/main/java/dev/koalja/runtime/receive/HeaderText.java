package dev.koalja.runtime.receive;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Attribute values in HTTP headers, as section 3.1.3.2 of the CloudEvents HTTP binding says. */
public final class HeaderText {
  private static final String HEX = "0123456789ABCDEF";

  private HeaderText() {}

  /**
   * The value that a header stands for: quotes taken off, then percent-decoded once.
   *
   * @param header its characters are the bytes on the wire
   * @throws IllegalArgumentException when what is decoded is not UTF-8
   */
  public static String decode(String header) {
    if (isPlain(header)) {
      return header;
    }
    String text = unquote(header);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = high >= 0 ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (low >= 0) {
        bytes.write(high << 4 | low);
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("is not UTF-8 once it is percent-decoded", e);
    }
  }

  /** Whether it stands for itself, as nearly every header does. */
  private static boolean isPlain(String header) {
    for (int i = 0; i < header.length(); i++) {
      char c = header.charAt(i);
      if (c == '%' || c == '"' || c > '~') {
        return false;
      }
    }
    return true;
  }

  private static String unquote(String header) {
    if (header.length() < 2 || !header.startsWith("\"") || !header.endsWith("\"")) {
      return header;
    }
    StringBuilder text = new StringBuilder(header.length());
    for (int i = 1; i < header.length() - 1; i++) {
      char c = header.charAt(i);
      if (c == '\\' && i + 2 < header.length()) {
        c = header.charAt(++i);
      }
      text.append(c);
    }
    return text.toString();
  }

  /** The header that stands for a value: everything but printable ASCII percent-encoded. */
  public static String encode(String value) {
    StringBuilder header = null;
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      int b = bytes[i] & 0xff;
      boolean plain = b > 0x20 && b < 0x7f && b != '"' && b != '%';
      if (!plain && header == null) {
        header = new StringBuilder(bytes.length + 16);
        for (int j = 0; j < i; j++) {
          header.append((char) bytes[j]);
        }
      }
      if (header != null) {
        if (plain) {
          header.append((char) b);
        } else {
          header.append('%').append(HEX.charAt(b >> 4)).append(HEX.charAt(b & 15));
        }
      }
    }
    return header == null ? value : header.toString();
  }
}
