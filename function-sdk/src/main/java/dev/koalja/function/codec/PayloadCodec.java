package dev.koalja.function.codec;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/**
 * Reads data as the type a function wants and writes what it returns: JSON, text or bytes, by
 * content type. Safe for many threads.
 */
public final class PayloadCodec {
  private static final char REPLACEMENT = '\uFFFD';

  private final ObjectMapper mapper;

  /** A codec that reads and writes JSON with {@code mapper}. */
  public PayloadCodec(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /**
   * Reads the data: {@code byte[]} as it is; {@code String} a JSON string's value, any other data
   * as text; {@code JsonNode} and everything else from JSON.
   *
   * @throws UnreadableDataException when the data is not that
   */
  public Object read(Payload payload, Type type) {
    ContentType contentType = ContentType.parse(payload.contentType());
    if (type == byte[].class) {
      return payload.data();
    }
    if (type == String.class) {
      String text = text(payload.data(), contentType);
      return contentType.json() && text.stripLeading().startsWith("\"")
          ? json(payload.data(), contentType, mapper.constructType(String.class))
          : text;
    }
    if (!contentType.json()) {
      throw new UnreadableDataException(
          "the data is %s, the function reads %s from JSON"
              .formatted(contentType.essence(), name(mapper.constructType(type))));
    }
    return json(payload.data(), contentType, mapper.constructType(type));
  }

  /**
   * Writes a value: {@code byte[]} as it is, text as text, everything else as JSON.
   *
   * @throws IllegalArgumentException when it cannot be written as JSON
   */
  public Payload write(Object value) {
    if (value instanceof byte[] bytes) {
      return new Payload(bytes, Payload.BYTES);
    }
    if (value instanceof CharSequence text) {
      return new Payload(text.toString().getBytes(StandardCharsets.UTF_8), Payload.TEXT);
    }
    try {
      return new Payload(mapper.writeValueAsBytes(value), Payload.JSON);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s cannot be written as JSON: %s"
              .formatted(value.getClass().getTypeName(), e.getOriginalMessage()),
          e);
    }
  }

  private Object json(byte[] data, ContentType contentType, JavaType type) {
    if (data.length == 0) {
      throw new UnreadableDataException(
          "the event has no data, the function reads " + name(type) + " from JSON");
    }
    Object value;
    try {
      var reader = mapper.readerFor(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
      // Jackson tells UTF-8, -16 and -32 apart by itself
      boolean unicode = contentType.charsetOrUtf8().name().startsWith("UTF-");
      value =
          unicode
              ? reader.<Object>readValue(data)
              : reader.<Object>readValue(text(data, contentType));
    } catch (JsonMappingException e) {
      String path =
          e.getPath().stream()
              .map(step -> step.getFieldName() == null ? "" + step.getIndex() : step.getFieldName())
              .collect(Collectors.joining("."));
      throw new UnreadableDataException(
          "the data is no %s%s: %s"
              .formatted(name(type), path.isEmpty() ? "" : " at " + path, e.getOriginalMessage()),
          e);
    } catch (JacksonException e) {
      JsonLocation at = e.getLocation();
      throw new UnreadableDataException(
          "the data is not JSON%s: %s"
              .formatted(
                  at == null
                      ? ""
                      : " at line %d column %d".formatted(at.getLineNr(), at.getColumnNr()),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new UnreadableDataException("the data is not JSON: " + e.getMessage(), e);
    }
    if (value == null || value instanceof JsonNode node && node.isNull()) {
      throw new UnreadableDataException("the data is JSON null, no " + name(type));
    }
    return value;
  }

  private static String text(byte[] data, ContentType contentType) {
    Charset charset = contentType.charsetOrUtf8();
    if (charset.equals(StandardCharsets.UTF_8)) {
      String text = new String(data, charset);
      if (text.indexOf(REPLACEMENT) < 0) {
        return text; // nothing had to be replaced: much quicker than asking first
      }
    }
    try {
      return charset.newDecoder().decode(ByteBuffer.wrap(data)).toString();
    } catch (CharacterCodingException e) {
      throw new UnreadableDataException("the data is no text in " + charset.name(), e);
    }
  }

  private static String name(JavaType type) {
    String canonical = type.getRawClass().getCanonicalName();
    return canonical == null ? type.toCanonical() : canonical;
  }
}
