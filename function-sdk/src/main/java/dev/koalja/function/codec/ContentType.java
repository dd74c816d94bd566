package dev.koalja.function.codec;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * A media type as far as reading needs it.
 *
 * @param essence {@code type/subtype} in lower case; empty when there is none
 * @param charset the charset parameter, when given
 */
record ContentType(String essence, Optional<String> charset) {

  static ContentType parse(Optional<String> header) {
    String[] parts = header.orElse("").split(";", -1);
    Optional<String> charset = Optional.empty();
    for (int i = 1; i < parts.length; i++) {
      String[] parameter = parts[i].split("=", 2);
      if (parameter.length == 2 && parameter[0].strip().equalsIgnoreCase("charset")) {
        charset = Optional.of(parameter[1].strip().replace("\"", ""));
      }
    }
    return new ContentType(parts[0].strip().toLowerCase(Locale.ROOT), charset);
  }

  /** Whether the data is JSON; an event that does not say is taken by its word to be. */
  boolean json() {
    return essence.isEmpty()
        || essence.equals("application/json")
        || essence.equals("text/json")
        || essence.endsWith("+json");
  }

  Charset charsetOrUtf8() {
    try {
      return charset.map(Charset::forName).orElse(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new UnreadableDataException(
          "the charset \"" + charset.orElse("") + "\" of the data is not known", e);
    }
  }
}
