package dev.koalja.cli.show;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Bytes and text of strangers, as a terminal may have them: nothing in them steers it. */
public final class Bytes {
  private static final int SHOWN = 200;

  private Bytes() {}

  /** The size and the beginning of what an event or record carries. */
  public static String shown(JsonNode record) {
    byte[] bytes;
    try {
      bytes =
          record.hasNonNull("data_base64")
              ? record.path("data_base64").binaryValue()
              : text(record.path("data")).getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the control API writes base 64", e);
    }
    StringBuilder shown = new StringBuilder(Words.size(bytes.length)).append("  ");
    for (int i = 0; i < Math.min(bytes.length, SHOWN); i++) {
      append(shown, bytes[i] & 0xff);
    }
    return shown.append(bytes.length > SHOWN ? "…" : "").toString();
  }

  private static String text(JsonNode data) {
    return data.isMissingNode() ? "" : data.isTextual() ? data.asText() : data.toString();
  }

  private static void append(StringBuilder shown, int value) {
    if (value >= ' ' && value < 0x7f && value != '\\') {
      shown.append((char) value);
    } else {
      shown.append(value == '\\' ? "\\\\" : "\\x%02x".formatted(value));
    }
  }

  /** Text with every character that is not to be seen written as its number. */
  public static String escaped(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              int type = Character.getType(c);
              if (type == Character.CONTROL
                  || type == Character.FORMAT
                  || type == Character.SURROGATE) {
                shown.append("\\u%04x".formatted(c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }
}
