package dev.koalja.pipeline.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a value looks like, as far as Koalja compares it. */
public sealed interface Shape {
  /** Nothing is known, so everything fits. */
  Shape ANYTHING = new Anything();

  /** Text of any format. */
  Shape TEXT = new Text(Optional.empty());

  /** Any number. */
  Shape NUMBER = new Decimal();

  /** A number without a fraction. */
  Shape INTEGER = new Whole();

  /** True or false. */
  Shape BOOLEAN = new Truth();

  /** Whatever it is. */
  record Anything() implements Shape {}

  /**
   * Text.
   *
   * @param format as JSON Schema names it, such as {@code date-time}
   */
  record Text(Optional<String> format) implements Shape {}

  /**
   * One of some words.
   *
   * @param words in the order they are declared; at least one
   */
  record Choice(List<String> words) implements Shape {
    public Choice {
      words = List.copyOf(words);
    }
  }

  /** A number with or without a fraction. */
  record Decimal() implements Shape {}

  /** A number without a fraction. */
  record Whole() implements Shape {}

  /** True or false. */
  record Truth() implements Shape {}

  /**
   * An array.
   *
   * @param element what each element is
   */
  record Items(Shape element) implements Shape {}

  /**
   * An object with any names.
   *
   * @param value what each value is
   */
  record Entries(Shape value) implements Shape {}

  /**
   * An object with fields; more than these may be there.
   *
   * @param fields by name, in the order they are declared
   */
  record Fields(Map<String, Field> fields) implements Shape {
    public Fields {
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
  }

  /**
   * A field of an object.
   *
   * @param shape what its value is
   * @param required a producer always writes it; a consumer fails without it
   */
  record Field(Shape shape, boolean required) {}

  /**
   * A shape of the schema's definitions, so that a shape can contain itself.
   *
   * @param name of the definition
   */
  record Named(String name) implements Shape {}

  /**
   * A value that may be null.
   *
   * @param shape what it is otherwise; never itself an {@code OrNull} or anything
   */
  record OrNull(Shape shape) implements Shape {
    public OrNull {
      if (shape instanceof OrNull || shape instanceof Anything) {
        throw new IllegalArgumentException("it may be null already");
      }
    }
  }

  /** The shape that may be null as well. */
  static Shape orNull(Shape shape) {
    return shape instanceof OrNull || shape instanceof Anything ? shape : new OrNull(shape);
  }

  /** The shape without null. */
  static Shape withoutNull(Shape shape) {
    return shape instanceof OrNull(var inner) ? inner : shape;
  }
}
