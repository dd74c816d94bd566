package dev.koalja.runtime.receive;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.Rfc3339;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Binary content mode: attributes are {@code ce-} headers, the body is the data. */
final class BinaryMode {
  private static final String PREFIX = "ce-";

  private BinaryMode() {}

  static CloudEvent read(RequestHeaders headers, byte[] body) {
    CloudEventBuilder event = CloudEventBuilder.v1();
    boolean[] seen = new boolean[4];
    headers.forEach(
        (name, value, times) -> {
          if (name.startsWith(PREFIX)) {
            if (times != 1) {
              throw malformed(name + " stands there " + times + " times");
            }
            attribute(event, seen, name.substring(PREFIX.length()), value);
          }
        });
    String[] required = {"specversion", "id", "source", "type"};
    for (int i = 0; i < seen.length; i++) {
      if (!seen[i]) {
        throw malformed(
            "the header ce-%s is missing: send a CloudEvent in binary mode (ce-specversion, ce-id, ce-source, ce-type) or as %s"
                .formatted(required[i], StructuredMode.JSON));
      }
    }
    @Nullable String contentType = headers.first("content-type");
    if (contentType != null && !contentType.isBlank()) {
      event.withDataContentType(contentType);
    }
    if (body.length > 0 || contentType != null) {
      event.withData(body);
    }
    return event.build();
  }

  private static boolean isAttribute(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private static void attribute(
      CloudEventBuilder event, boolean[] seen, String name, String header) {
    if (!isAttribute(name)) {
      throw malformed(
          "ce-%s is no attribute: names have only lower-case letters and digits".formatted(name));
    }
    String value;
    try {
      value = HeaderText.decode(header);
    } catch (IllegalArgumentException e) {
      throw malformed("ce-" + name + " " + e.getMessage());
    }
    if (value.isEmpty()) {
      if (name.equals("id") || name.equals("source") || name.equals("type")) {
        throw malformed("ce-" + name + " is empty");
      }
      return;
    }
    switch (name) {
      case "specversion" -> {
        if (!value.equals("1.0")) {
          throw malformed("ce-specversion is \"%s\": 1.0 is read here".formatted(value));
        }
        seen[0] = true;
      }
      case "id" -> {
        event.withId(value);
        seen[1] = true;
      }
      case "source" -> {
        event.withSource(uri(name, value, header));
        seen[2] = true;
      }
      case "type" -> {
        event.withType(value);
        seen[3] = true;
      }
      case "subject" -> event.withSubject(value);
      case "dataschema" -> event.withDataSchema(uri(name, value, header));
      case "time" -> event.withTime(time(value));
      case "data" -> throw malformed("ce-data is no attribute: the body is the data");
      // Content-Type is the attribute in this mode
      case "datacontenttype" -> {}
      default -> event.withExtension(name, value);
    }
  }

  private static URI uri(String name, String value, String header) {
    try {
      return new URI(value);
    } catch (URISyntaxException e) {
      try {
        // a sender that does not encode headers: what was decoded is the URI's own encoding
        return new URI(header);
      } catch (URISyntaxException _) {
        // told below
      }
      throw malformed("ce-%s is \"%s\", which is no URI".formatted(name, value));
    }
  }

  private static OffsetDateTime time(String value) {
    try {
      return Rfc3339.parse(value);
    } catch (DateTimeException e) {
      throw malformed("ce-time is \"%s\", which is no RFC 3339 time".formatted(value));
    }
  }

  private static KoaljaException malformed(String message) {
    return new KoaljaException(ErrorCode.MALFORMED_EVENT, message);
  }
}
