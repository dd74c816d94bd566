package dev.koalja.pipeline.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the data of a link's events looks like, as one task writes or reads it.
 *
 * @param root the shape of the data
 * @param definitions shapes that others name
 */
public record DataSchema(Shape root, SortedMap<String, Shape> definitions) {
  /** The longest schema that is kept, as JSON in UTF-8. */
  public static final int MAX_BYTES = 65_536;

  /** How deep shapes may lie in one another, definitions not followed. */
  public static final int MAX_DEPTH = 64;

  private static final int DIGEST_BYTES = 8;

  /**
   * Checks that every name is defined, and means something.
   *
   * @throws IllegalArgumentException when one does not
   */
  public DataSchema {
    definitions = Collections.unmodifiableSortedMap(new TreeMap<>(definitions));
    SortedMap<String, Shape> known = definitions;
    check(root, known);
    definitions.values().forEach(each -> check(each, known));
  }

  /** A schema without definitions. */
  public DataSchema(Shape root) {
    this(root, Collections.emptySortedMap());
  }

  /**
   * Reads JSON Schema. What this model does not know constrains nothing: assertions such as {@code
   * pattern} are passed over, and a place with {@code oneOf} may be anything.
   *
   * @throws IllegalArgumentException with the place, when it is no schema
   */
  public static DataSchema read(JsonNode json) {
    return SchemaJson.read(json);
  }

  /**
   * Reads the text of a JSON Schema.
   *
   * @throws IllegalArgumentException with the place, when it is none
   */
  public static DataSchema parse(String text) {
    return SchemaJson.parse(text);
  }

  /** The schema as nested maps and lists, in the shape of JSON Schema 2020-12. */
  public Map<String, Object> tree() {
    return SchemaJson.tree(this);
  }

  /** The schema as one line of JSON, in ASCII; equal schemas give equal lines. */
  public String json() {
    return SchemaJson.text(this);
  }

  /** This schema, or nothing when it is longer than {@link #MAX_BYTES}. */
  public Optional<DataSchema> bounded() {
    return json().getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
        ? Optional.of(this)
        : Optional.empty();
  }

  /**
   * A URI for the attribute {@code dataschema}: another schema, another URI.
   *
   * @param type the name of the type, which is part of it
   */
  public String uri(String type) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(json().getBytes(StandardCharsets.UTF_8));
      return "urn:koalja:schema:%s:%s"
          .formatted(
              type.replaceAll("[^A-Za-z0-9._-]", "-"),
              HexFormat.of().formatHex(digest, 0, DIGEST_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** What a shape is, definitions followed; it may still be {@code OrNull}. */
  public Shape resolve(Shape shape) {
    Shape resolved = shape;
    boolean nullable = false;
    while (true) {
      switch (resolved) {
        case Shape.Named(var name) -> resolved = definition(name);
        case Shape.OrNull(Shape.Named(var name)) -> {
          nullable = true;
          resolved = definition(name);
        }
        default -> {
          return nullable ? Shape.orNull(resolved) : resolved;
        }
      }
    }
  }

  private Shape definition(String name) {
    Shape shape = definitions.get(name);
    if (shape == null) {
      throw new IllegalArgumentException("\"%s\" is not defined".formatted(name));
    }
    return shape;
  }

  private static void check(Shape shape, Map<String, Shape> definitions) {
    switch (shape) {
      case Shape.Named _ -> meansSomething(shape, definitions);
      case Shape.OrNull(var inner) -> check(inner, definitions);
      case Shape.Items(var element) -> check(element, definitions);
      case Shape.Entries(var value) -> check(value, definitions);
      case Shape.Fields(var fields) ->
          fields.values().forEach(field -> check(field.shape(), definitions));
      case Shape.Anything _,
          Shape.Text _,
          Shape.Choice _,
          Shape.Decimal _,
          Shape.Whole _,
          Shape.Truth _ -> {}
    }
  }

  /** A name that only names itself, by whatever way, has no end. */
  private static void meansSomething(Shape shape, Map<String, Shape> definitions) {
    Set<String> passed = new HashSet<>();
    Shape next = shape;
    while (Shape.withoutNull(next) instanceof Shape.Named(var name)) {
      Shape defined = definitions.get(name);
      if (defined == null) {
        throw new IllegalArgumentException("\"%s\" is not defined".formatted(name));
      }
      if (!passed.add(name)) {
        throw new IllegalArgumentException("\"%s\" is defined by itself alone".formatted(name));
      }
      next = defined;
    }
  }
}
