package dev.koalja.gateway.http;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request whose body has been read whole.
 *
 * @param method upper case
 * @param path as it was asked for, without the query
 * @param segments the variable parts of the path, by name
 * @param query decoded query parameters
 * @param headers header fields
 * @param body the raw bytes; not copied, nobody changes them
 * @param remote the address of the peer, without its port
 */
public record Request(
    String method,
    String path,
    Map<String, String> segments,
    Map<String, List<String>> query,
    Headers headers,
    byte[] body,
    String remote) {

  /** A variable part of the path. */
  public String segment(String name) {
    String value = segments.get(name);
    if (value == null) {
      throw new IllegalStateException("the route of " + path + " has no part \"" + name + "\"");
    }
    return value;
  }

  /** A query parameter that is not blank. */
  public Optional<String> parameter(String name) {
    return query.getOrDefault(name, List.of()).stream().filter(text -> !text.isBlank()).findFirst();
  }

  /**
   * A query parameter that is a number.
   *
   * @throws KoaljaException {@link ErrorCode#BAD_REQUEST} outside {@code min} to {@code max}
   */
  public int number(String name, int otherwise, int min, int max) {
    Optional<String> text = parameter(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException _) {
      // said below, with the range
    }
    throw new KoaljaException(
        ErrorCode.BAD_REQUEST,
        "%s is \"%s\", must be a number from %d to %d".formatted(name, text.get(), min, max));
  }

  /** A query parameter that is true or false; without a value it is true. */
  public boolean flag(String name) {
    List<String> values = query.getOrDefault(name, List.of());
    if (values.isEmpty()) {
      return false;
    }
    return switch (values.getFirst()) {
      case "", "true" -> true;
      case "false" -> false;
      default ->
          throw new KoaljaException(
              ErrorCode.BAD_REQUEST,
              "%s is \"%s\", must be true or false".formatted(name, values.getFirst()));
    };
  }
}
