package dev.koalja.gateway.ingress;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.cloudevents.CloudEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents in their JSON format, one or a batch.
 *
 * <p>Reads tokens itself instead of using the SDK's format: {@code data} is handed on byte by byte
 * as it was sent, so that no number loses digits on the way, and every error has its place.
 */
final class StructuredJson {
  private final JsonText json;
  private final int maxBatch;

  StructuredJson(JsonText json, int maxBatch) {
    this.json = json;
    this.maxBatch = maxBatch;
  }

  CloudEvent event(byte[] body) {
    String text = JsonText.utf8(body);
    try (JsonParser parser = json.parser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Attributes.malformed("a structured CloudEvent is a JSON object");
      }
      CloudEvent event = object(parser, text);
      JsonText.end(parser);
      return event;
    } catch (IOException e) {
      throw JsonText.notJson(e);
    }
  }

  List<CloudEvent> batch(byte[] body) {
    String text = JsonText.utf8(body);
    List<CloudEvent> events = new ArrayList<>();
    try (JsonParser parser = json.parser(text)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw Attributes.malformed("a batch of CloudEvents is a JSON array");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (events.size() == maxBatch) {
          throw new KoaljaException(
              ErrorCode.TOO_LARGE, "the batch has more than %d events".formatted(maxBatch));
        }
        events.add(element(parser, text, events.size() + 1));
      }
      JsonText.end(parser);
      return events;
    } catch (IOException e) {
      throw JsonText.notJson(e);
    }
  }

  private CloudEvent element(JsonParser parser, String text, int number) throws IOException {
    try {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw Attributes.malformed("a structured CloudEvent is a JSON object");
      }
      return object(parser, text);
    } catch (KoaljaException e) {
      throw new KoaljaException(
          e.code(), "event %d of the batch: %s".formatted(number, e.getMessage()), e);
    }
  }

  private CloudEvent object(JsonParser parser, String text) throws IOException {
    Attributes attributes = new Attributes();
    String data = null;
    String base64 = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      switch (name) {
        case "data" -> {
          if (data != null) {
            throw Attributes.malformed("data is there twice");
          }
          data = slice(parser, text);
        }
        case "data_base64" -> {
          if (base64 != null || token != JsonToken.VALUE_STRING) {
            throw Attributes.malformed("data_base64 must be text, and be there once");
          }
          base64 = parser.getText();
        }
        default -> {
          Object value = attribute(parser, token, name);
          if (value != null) {
            attributes.put(name, value);
          }
        }
      }
    }
    if (data != null && base64 != null) {
      throw Attributes.malformed("data and data_base64 exclude each other");
    }
    return attributes.toEvent(data(attributes, data, base64));
  }

  private static @Nullable Object attribute(JsonParser parser, JsonToken token, String name)
      throws IOException {
    return switch (token) {
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case VALUE_NULL -> null;
      case VALUE_NUMBER_INT -> {
        if (parser.getNumberType() != JsonParser.NumberType.INT) {
          throw Attributes.malformed("attribute " + name + " does not fit 32 bits");
        }
        yield parser.getIntValue();
      }
      default ->
          throw Attributes.malformed(
              "attribute %s must be text, a whole number, true or false".formatted(name));
    };
  }

  /** The value as it stands in the text, white space and digits included. */
  private static String slice(JsonParser parser, String text) throws IOException {
    int start = (int) parser.currentTokenLocation().getCharOffset();
    parser.skipChildren();
    parser.getText(); // scalars are read lazily: now the parser stands behind it
    return text.substring(start, (int) parser.currentLocation().getCharOffset());
  }

  private byte @Nullable [] data(
      Attributes attributes, @Nullable String data, @Nullable String base64) throws IOException {
    String contentType = attributes.text("datacontenttype");
    if (base64 != null) {
      byte[] bytes = decode(base64);
      if (MediaType.parse(contentType).isJson()) {
        json.check(bytes);
      }
      return bytes;
    }
    if (data == null || data.equals("null") && contentType.isEmpty()) {
      return null;
    }
    if (contentType.isEmpty()) {
      // said nowhere, meant by the format: must be said once the event leaves it
      attributes.put("datacontenttype", "application/json");
    } else if (!MediaType.parse(contentType).isJson() && data.startsWith("\"")) {
      try (JsonParser string = json.parser(data)) {
        string.nextToken();
        return string.getText().getBytes(StandardCharsets.UTF_8);
      }
    }
    return data.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] decode(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      throw Attributes.malformed("data_base64 is not base 64");
    }
  }
}
