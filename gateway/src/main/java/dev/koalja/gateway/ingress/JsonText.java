package dev.koalja.gateway.ingress;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Reads hostile JSON: strictly UTF-8, nested within a limit, errors with line and column. */
public final class JsonText {
  private final JsonFactory factory;

  /** Takes JSON nested at most {@code maxNesting} deep. */
  public JsonText(int maxNesting) {
    factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(maxNesting)
                    // the body has a limit already
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();
  }

  /**
   * Checks that {@code bytes} are one JSON value.
   *
   * @throws KoaljaException {@link ErrorCode#MALFORMED_DATA} with the place
   */
  public void check(byte[] bytes) {
    String text = utf8(bytes);
    try (JsonParser parser = factory.createParser(text)) {
      if (parser.nextToken() == null) {
        throw notJson(parser.currentLocation(), "nothing but white space");
      }
      parser.skipChildren();
      parser.getText(); // scalars are read lazily
      end(parser);
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  /** A parser over {@code text}; its errors go through {@link #notJson}. */
  JsonParser parser(String text) throws IOException {
    return factory.createParser(text);
  }

  /** Checks that nothing follows the value that has just been read. */
  static void end(JsonParser parser) throws IOException {
    JsonToken more = parser.nextToken();
    if (more != null) {
      throw notJson(parser.currentTokenLocation(), "more follows after the end of the value");
    }
  }

  /**
   * Decodes UTF-8.
   *
   * @throws KoaljaException {@link ErrorCode#MALFORMED_DATA} when it is none
   */
  public static String utf8(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw new KoaljaException(
          ErrorCode.MALFORMED_DATA, "not JSON: byte %d is not UTF-8".formatted(in.position() + 1));
    }
    return out.flip().toString();
  }

  /** What to answer about a parse error. */
  static KoaljaException notJson(IOException error) {
    return switch (error) {
      case StreamConstraintsException limit ->
          notJson(limit.getLocation(), "nested deeper than allowed, or a number or name too long");
      case JsonProcessingException syntax when message(syntax).contains("end-of-input") ->
          notJson(syntax.getLocation(), "end of input " + inside(message(syntax)));
      case JsonProcessingException syntax ->
          notJson(syntax.getLocation(), firstLine(message(syntax)));
      default ->
          new KoaljaException(ErrorCode.MALFORMED_DATA, "not JSON: " + error.getMessage(), error);
    };
  }

  private static KoaljaException notJson(
      @org.jspecify.annotations.Nullable JsonLocation place, String reason) {
    String where =
        place == null
            ? ""
            : " at line %d column %d".formatted(place.getLineNr(), place.getColumnNr());
    return new KoaljaException(ErrorCode.MALFORMED_DATA, "not JSON" + where + ": " + reason);
  }

  private static String message(JsonProcessingException error) {
    return error.getOriginalMessage() == null ? "unreadable" : error.getOriginalMessage();
  }

  private static String inside(String message) {
    if (message.contains("Array")) {
      return "inside an array";
    }
    return message.contains("Object") ? "inside an object" : "inside a string, name or number";
  }

  private static String firstLine(String message) {
    String line = message.lines().findFirst().orElse("unreadable");
    return line.length() > 200 ? line.substring(0, 200) + "…" : line;
  }
}
