package dev.koalja.function.codec;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.koalja.pipeline.error.KoaljaException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads data as the type a function wants and writes what it returns: JSON, text, bytes, forms and
 * every {@link DataFormat}, by content type. Safe for many threads.
 */
public final class PayloadCodec {
  private static final char REPLACEMENT = '\uFFFD';

  private final ObjectMapper mapper;
  private final Map<String, DataFormat> formats;

  /** A codec that reads and writes JSON with {@code mapper}. */
  public PayloadCodec(ObjectMapper mapper) {
    this(mapper, Map.of());
  }

  /**
   * A codec that knows more formats.
   *
   * @param formats by media type, such as {@code text/csv}, or suffix, such as {@code +cbor}
   */
  public PayloadCodec(ObjectMapper mapper, Map<String, DataFormat> formats) {
    this.mapper = mapper;
    this.formats = Map.copyOf(formats);
  }

  /**
   * Reads the data: {@code byte[]} and {@code InputStream} as it is; {@code String} a JSON string's
   * value, any other data as text; {@code JsonNode} and everything else as its content type says,
   * which is JSON where there is none.
   *
   * @throws UnreadableDataException when the data is not that
   */
  public Object read(Payload payload, Type type) {
    ContentType contentType = ContentType.parse(payload.contentType());
    if (type == byte[].class) {
      return payload.data();
    }
    if (type == InputStream.class) {
      return new ByteArrayInputStream(payload.data());
    }
    if (type == String.class) {
      String text = text(payload.data(), contentType);
      return contentType.json() && text.stripLeading().startsWith("\"")
          ? json(payload.data(), contentType, mapper.constructType(String.class))
          : text;
    }
    return contentType.json()
        ? json(payload.data(), contentType, mapper.constructType(type))
        : other(payload, contentType, mapper.constructType(type));
  }

  /**
   * Writes a value: {@code byte[]} and {@code InputStream} as it is, text as text, everything else
   * as JSON.
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
    if (value instanceof InputStream stream) {
      return new Payload(bytes(stream), Payload.BYTES);
    }
    return new Payload(json(value), Payload.JSON);
  }

  /**
   * Writes a value as data of a content type: bytes as they are, text in its charset, everything
   * else in its format.
   *
   * @throws IllegalArgumentException when it cannot be written so
   */
  public Payload write(Object value, String contentType) {
    ContentType parsed = ContentType.parse(Optional.of(contentType));
    byte[] data;
    if (value instanceof byte[] bytes) {
      data = bytes;
    } else if (value instanceof InputStream stream) {
      data = bytes(stream);
    } else if (value instanceof CharSequence text) {
      data = encoded(text.toString(), parsed.charsetOrUtf8());
    } else if (parsed.json()) {
      data = json(value, parsed.charsetOrUtf8());
    } else {
      data = other(value, contentType, parsed);
    }
    return new Payload(data, contentType);
  }

  private Object other(Payload payload, ContentType contentType, JavaType type) {
    @Nullable DataFormat format = format(contentType);
    try {
      if (format != null) {
        return format.read(payload, type);
      }
      if (contentType.essence().equals(FormData.ESSENCE)) {
        Charset charset = contentType.charsetOrUtf8();
        return FormData.read(mapper, text(payload.data(), contentType), charset, type);
      }
    } catch (KoaljaException e) {
      throw e;
    } catch (JsonMappingException e) {
      throw notThat(type, e);
    } catch (Exception e) {
      throw new UnreadableDataException(
          "the data is no %s in %s: %s".formatted(name(type), contentType.essence(), message(e)),
          e);
    }
    throw new UnreadableDataException(
        "the data is %s, the function reads %s from JSON"
            .formatted(contentType.essence(), name(type)));
  }

  private byte[] other(Object value, String contentType, ContentType parsed) {
    @Nullable DataFormat format = format(parsed);
    try {
      if (format != null) {
        return format.write(value, contentType);
      }
      if (parsed.essence().equals(FormData.ESSENCE)) {
        return FormData.write(mapper, value, parsed.charsetOrUtf8());
      }
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalArgumentException(
          "%s cannot be written as %s: %s".formatted(name(value), parsed.essence(), message(e)), e);
    }
    throw new IllegalArgumentException(
        "%s cannot be written as %s: no format writes it".formatted(name(value), parsed.essence()));
  }

  private @Nullable DataFormat format(ContentType contentType) {
    @Nullable DataFormat format = formats.get(contentType.essence());
    int suffix = contentType.essence().lastIndexOf('+');
    return format == null && suffix >= 0
        ? formats.get(contentType.essence().substring(suffix))
        : format;
  }

  private static byte[] bytes(InputStream stream) {
    try (stream) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String message(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static byte[] encoded(String text, Charset charset) {
    try {
      ByteBuffer bytes = charset.newEncoder().encode(CharBuffer.wrap(text));
      return Arrays.copyOf(bytes.array(), bytes.limit());
    } catch (CharacterCodingException | UnsupportedOperationException e) {
      throw new IllegalArgumentException(
          "the text has characters that %s does not have".formatted(charset), e);
    }
  }

  /** JSON in a charset: what only UTF-8 is sure to have is escaped in all others. */
  private byte[] json(Object value, Charset charset) {
    if (charset.equals(StandardCharsets.UTF_8)) {
      return json(value);
    }
    try {
      return encoded(
          mapper.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsString(value),
          charset);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s cannot be written as JSON: %s".formatted(name(value), e.getOriginalMessage()), e);
    }
  }

  private byte[] json(Object value) {
    try {
      return mapper.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s cannot be written as JSON: %s".formatted(name(value), e.getOriginalMessage()), e);
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
      throw notThat(type, e);
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

  private static UnreadableDataException notThat(JavaType type, JsonMappingException e) {
    String path =
        e.getPath().stream()
            .map(step -> step.getFieldName() == null ? "" + step.getIndex() : step.getFieldName())
            .collect(Collectors.joining("."));
    return new UnreadableDataException(
        "the data is no %s%s: %s"
            .formatted(name(type), path.isEmpty() ? "" : " at " + path, e.getOriginalMessage()),
        e);
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

  /** How people write the class of a value. */
  static String name(Object value) {
    String canonical = value.getClass().getCanonicalName();
    return canonical == null ? value.getClass().getTypeName() : canonical;
  }

  private static String name(JavaType type) {
    String canonical = type.getRawClass().getCanonicalName();
    return canonical == null ? type.toCanonical() : canonical;
  }
}
