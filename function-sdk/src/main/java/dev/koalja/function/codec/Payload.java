package dev.koalja.function.codec;

import java.util.Optional;

/**
 * The data of an event.
 *
 * @param data the bytes; not to be changed
 * @param contentType how to read them, when the event says so
 */
public record Payload(byte[] data, Optional<String> contentType) {
  /** JSON. */
  public static final String JSON = "application/json";

  /** Text in UTF-8. */
  public static final String TEXT = "text/plain; charset=utf-8";

  /** Bytes of unknown meaning. */
  public static final String BYTES = "application/octet-stream";

  /** Data of a content type. */
  public Payload(byte[] data, String contentType) {
    this(data, Optional.of(contentType));
  }

  /** Whether the data is JSON; data that does not say what it is is taken to be. */
  public boolean isJson() {
    // what most results are needs no parsing
    return contentType.filter(JSON::equals).isPresent() || ContentType.parse(contentType).json();
  }
}
