package dev.koalja.router.dispatch;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.koalja.pipeline.event.Rfc3339;
import dev.koalja.router.event.EventJson;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.data.BytesCloudEventData;
import io.cloudevents.core.v1.CloudEventV1;
import io.cloudevents.rw.CloudEventRWException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents over HTTP, as the CloudEvents HTTP protocol binding 1.0.2 says: binary mode out,
 * every mode in. Header values are percent-encoded UTF-8.
 */
final class HttpEvents {
  static final String BATCH = "application/cloudevents-batch";
  static final String STRUCTURED = "application/cloudevents";
  private static final List<String> REQUIRED =
      List.of("ce-id", "ce-source", "ce-specversion", "ce-type");
  private static final String HEX = "0123456789ABCDEF";

  private HttpEvents() {}

  /** Gives the headers of an event in binary mode, content type included. */
  static void headers(CloudEvent event, BiConsumer<String, String> header) {
    for (String name : event.getSpecVersion().getAllAttributes()) {
      Object value = event.getAttribute(name);
      if (value == null) {
        continue;
      }
      if (name.equals(CloudEventV1.DATACONTENTTYPE)) {
        header.accept("content-type", value.toString());
      } else {
        header.accept("ce-" + name, encode(text(value)));
      }
    }
    for (String name : event.getExtensionNames()) {
      Object value = event.getExtension(name);
      if (value != null) {
        header.accept("ce-" + name, encode(text(value)));
      }
    }
  }

  private static String text(Object value) {
    if (value instanceof OffsetDateTime time) {
      return Rfc3339.format(time);
    }
    return value instanceof byte[] bytes
        ? java.util.Base64.getEncoder().encodeToString(bytes)
        : value.toString();
  }

  /**
   * Reads the events of an answer.
   *
   * @param headers names in lower case
   * @return none for an empty body that announces no event
   * @throws IllegalArgumentException saying what is no CloudEvent
   */
  static List<CloudEvent> read(Map<String, String> headers, byte[] body) {
    String contentType = headers.getOrDefault("content-type", "").toLowerCase(Locale.ROOT);
    try {
      if (contentType.startsWith(BATCH)) {
        return events(EventJson.MAPPER.readValue(body, CloudEvent[].class));
      }
      if (contentType.startsWith(STRUCTURED)) {
        return events(EventJson.MAPPER.readValue(body, CloudEvent.class));
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no CloudEvents JSON: " + e.getOriginalMessage(), e);
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException("no CloudEvents JSON: " + e.getMessage(), e);
    }
    for (String name : headers.keySet()) {
      if (name.startsWith("ce-")) {
        return List.of(binary(headers, body));
      }
    }
    if (body.length == 0) {
      return List.of();
    }
    throw new IllegalArgumentException(
        "a body of %d bytes (%s) that is no CloudEvent: it has no ce- headers"
            .formatted(body.length, contentType.isEmpty() ? "no content type" : contentType));
  }

  private static List<CloudEvent> events(CloudEvent @Nullable ... events) {
    if (events == null || Arrays.stream(events).anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("JSON null is no event");
    }
    return List.of(events);
  }

  private static CloudEvent binary(Map<String, String> headers, byte[] body) {
    for (String required : REQUIRED) {
      if (isMissing(headers, required)) {
        throw new IllegalArgumentException(
            REQUIRED.stream()
                .filter(name -> isMissing(headers, name))
                .collect(joining(", ", "missing ", "")));
      }
    }
    try {
      CloudEventBuilder event = CloudEventBuilder.v1();
      headers.forEach(
          (name, value) -> {
            if (name.equals("ce-specversion")) {
              if (!value.equals("1.0")) {
                throw new IllegalArgumentException("ce-specversion is " + value + ", not 1.0");
              }
            } else if (name.equals("ce-time")) {
              event.withTime(Rfc3339.parse(decode(value)));
            } else if (name.startsWith("ce-")) {
              event.withContextAttribute(name.substring(3), decode(value));
            } else if (name.equals("content-type")) {
              event.withContextAttribute(CloudEventV1.DATACONTENTTYPE, value);
            }
          });
      if (body.length > 0) {
        event.withData(BytesCloudEventData.wrap(body));
      }
      return event.build();
    } catch (CloudEventRWException | DateTimeException | IllegalStateException e) {
      throw new IllegalArgumentException("no CloudEvent: " + e.getMessage(), e);
    }
  }

  private static boolean isMissing(Map<String, String> headers, String name) {
    String value = headers.get(name);
    return value == null || value.isBlank();
  }

  private static String encode(String value) {
    StringBuilder encoded = null;
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      int b = bytes[i] & 0xff;
      boolean plain = b >= 0x21 && b <= 0x7e && b != '"' && b != '%';
      if (!plain && encoded == null) {
        encoded = new StringBuilder(bytes.length + 16).append(value, 0, i);
      }
      if (encoded != null) {
        if (plain) {
          encoded.append((char) b);
        } else {
          encoded.append('%').append(HEX.charAt(b >> 4)).append(HEX.charAt(b & 15));
        }
      }
    }
    return encoded == null ? value : encoded.toString();
  }

  private static String decode(String value) {
    String text =
        value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
            ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1")
            : value;
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteBuffer bytes = ByteBuffer.allocate(text.length() * 3);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%' && isHex(text, i + 1) && isHex(text, i + 2)) {
        bytes.put((byte) Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.put(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(bytes.flip())
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a ce- header is not UTF-8 after percent-decoding", e);
    }
  }

  private static boolean isHex(String text, int index) {
    return index < text.length() && Character.digit(text.charAt(index), 16) >= 0;
  }
}
