package dev.koalja.gateway.ingress;

import java.util.Locale;
import java.util.Optional;

/**
 * The media type of a body, as far as it decides how the body is read.
 *
 * @param essence type and subtype in lower case, without parameters
 * @param charset the charset parameter in lower case, when given
 */
record MediaType(String essence, Optional<String> charset) {

  static MediaType parse(String contentType) {
    String[] parts = contentType.split(";");
    String essence = parts.length == 0 ? "" : parts[0].trim().toLowerCase(Locale.ROOT);
    Optional<String> charset = Optional.empty();
    for (int i = 1; i < parts.length; i++) {
      String[] parameter = parts[i].split("=", 2);
      if (parameter.length == 2 && parameter[0].trim().equalsIgnoreCase("charset")) {
        charset = Optional.of(parameter[1].trim().replace("\"", "").toLowerCase(Locale.ROOT));
      }
    }
    return new MediaType(essence, charset);
  }

  /** Whether a body of this type is JSON. */
  boolean isJson() {
    return essence.equals("application/json")
        || essence.equals("text/json")
        || essence.endsWith("+json");
  }
}
