package dev.koalja.runtime.receive;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.jackson.JsonFormat;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Structured content mode: the body is the whole event as JSON. */
final class StructuredMode {
  static final String JSON = "application/cloudevents+json";

  /** Made when the first such event comes: most processes never see one. */
  private static final class Format {
    static final JsonFormat JSON_FORMAT = new JsonFormat();
  }

  private StructuredMode() {}

  static CloudEvent read(String contentType, byte[] body) {
    byte[] json = utf8(contentType, body);
    CloudEvent event;
    try {
      event = Format.JSON_FORMAT.deserialize(json);
    } catch (RuntimeException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw malformed("the body is no CloudEvent in JSON: " + firstLine(cause));
    }
    if (event.getSpecVersion() != SpecVersion.V1) {
      throw malformed("specversion is \"%s\": 1.0 is read here".formatted(event.getSpecVersion()));
    }
    if (event.getId().isEmpty()
        || event.getType().isEmpty()
        || event.getSource().toString().isEmpty()) {
      throw malformed("id, source and type must not be empty");
    }
    return event;
  }

  private static String firstLine(Throwable cause) {
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
  }

  /** JSON in other charsets than Unicode's is rare, but a caller may say so. */
  private static byte[] utf8(String contentType, byte[] body) {
    String lower = contentType.toLowerCase(Locale.ROOT);
    int at = lower.indexOf("charset=");
    if (at < 0) {
      return body;
    }
    String name =
        lower.substring(at + "charset=".length()).split(";", 2)[0].strip().replace("\"", "");
    if (name.startsWith("utf-")) {
      return body;
    }
    try {
      return new String(body, Charset.forName(name)).getBytes(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new KoaljaException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "the charset \"%s\" is not known".formatted(name));
    }
  }

  private static KoaljaException malformed(String message) {
    return new KoaljaException(ErrorCode.MALFORMED_EVENT, message);
  }
}
