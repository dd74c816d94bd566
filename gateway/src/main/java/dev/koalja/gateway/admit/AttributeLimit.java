package dev.koalja.gateway.admit;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.cloudevents.CloudEvent;

/**
 * Bounds the attributes of an event, wherever it came from: every one of them becomes a header of
 * its record, and travels on to functions and dead letters.
 */
public final class AttributeLimit {
  /** Attributes of one event. */
  public static final int MOST = 64;

  /** Characters of all their names and values together. */
  public static final int MOST_CHARACTERS = 16 << 10;

  private AttributeLimit() {}

  /**
   * Checks an event that is complete.
   *
   * @throws KoaljaException {@link ErrorCode#TOO_LARGE}
   */
  static void check(CloudEvent event) {
    int count = 0;
    long characters = 0;
    for (String name : event.getAttributeNames()) {
      Object value = event.getAttribute(name);
      count += value == null ? 0 : 1;
      characters += value == null ? 0 : name.length() + value.toString().length();
    }
    for (String name : event.getExtensionNames()) {
      count++;
      characters += name.length() + String.valueOf(event.getExtension(name)).length();
    }
    check(count, characters);
  }

  /** Checks what there is of an event so far. */
  public static void check(int count, long characters) {
    if (count > MOST) {
      throw new KoaljaException(
          ErrorCode.TOO_LARGE, "an event has more than %d attributes".formatted(MOST));
    }
    if (characters > MOST_CHARACTERS) {
      throw new KoaljaException(
          ErrorCode.TOO_LARGE,
          "the attributes of an event have more than %d characters".formatted(MOST_CHARACTERS));
    }
  }
}
