package dev.koalja.pipeline;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.regex.Pattern;

/** What makes events belong to the same snapshot. */
public sealed interface Correlation {
  /** Nothing: all events of a task belong together, in the order of their arrival. */
  record None() implements Correlation {}

  /** The event's key, {@code partitionkey}. */
  record Key() implements Correlation {}

  /**
   * The value of an attribute, extensions included.
   *
   * @param name lower-case letters and digits, at most 20
   */
  record Attribute(String name) implements Correlation {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,20}");

    public Attribute {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "\"%s\" is no attribute: 1 to 20 lower-case letters and digits".formatted(name));
      }
    }
  }

  /**
   * A value in JSON data.
   *
   * @param pointer RFC 6901, such as {@code /customer/id}
   */
  record Pointer(String pointer) implements Correlation {
    public Pointer {
      if (pointer.isEmpty() || pointer.length() > 1000) {
        throw new IllegalArgumentException("a JSON pointer has 1 to 1,000 characters");
      }
      JsonPointer.compile(pointer); // says what is wrong with it
    }
  }
}
