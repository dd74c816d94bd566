package dev.koalja.pipeline.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Schemas in a form short enough for tables: {@code {id!: text, lines: [{n!: int}], by: <num>, at:
 * text(date)?, state: OPEN|PAID, more: *}}; {@code !} is required, {@code ?} may be null.
 */
public final class Notation {
  private static final Pattern TOKEN =
      Pattern.compile("\\s*([{}\\[\\]<>:,!?*()|]|[A-Za-z][A-Za-z0-9-]*)");
  private final List<String> tokens = new ArrayList<>();
  private int next;

  private Notation(String text) {
    Matcher matcher = TOKEN.matcher(text);
    while (matcher.lookingAt()) {
      tokens.add(matcher.group(1));
      matcher.region(matcher.end(), text.length());
    }
  }

  /** Reads it. */
  public static DataSchema schema(String text) {
    Notation notation = new Notation(text);
    Shape shape = notation.shape();
    if (notation.next != notation.tokens.size()) {
      throw new IllegalArgumentException(text + ": " + notation.peek() + " is too much");
    }
    return new DataSchema(shape);
  }

  private Shape shape() {
    String token = take();
    Shape shape =
        switch (token) {
          case "{" -> fields();
          case "[" -> new Shape.Items(until("]"));
          case "<" -> new Shape.Entries(until(">"));
          case "*" -> Shape.ANYTHING;
          case "text" -> text();
          case "int" -> Shape.INTEGER;
          case "num" -> Shape.NUMBER;
          case "bool" -> Shape.BOOLEAN;
          default -> choice(token);
        };
    return taken("?") ? Shape.orNull(shape) : shape;
  }

  private Shape fields() {
    Map<String, Shape.Field> fields = new LinkedHashMap<>();
    while (!taken("}")) {
      String name = take();
      boolean required = taken("!");
      expect(":");
      fields.put(name, new Shape.Field(shape(), required));
      taken(",");
    }
    return new Shape.Fields(fields);
  }

  private Shape until(String end) {
    Shape shape = shape();
    expect(end);
    return shape;
  }

  private Shape text() {
    if (!taken("(")) {
      return Shape.TEXT;
    }
    Shape shape = new Shape.Text(Optional.of(take()));
    expect(")");
    return shape;
  }

  private Shape choice(String first) {
    List<String> words = new ArrayList<>(List.of(first));
    while (taken("|")) {
      words.add(take());
    }
    return new Shape.Choice(words);
  }

  private String peek() {
    return next < tokens.size() ? tokens.get(next) : "";
  }

  private String take() {
    return tokens.get(next++);
  }

  private boolean taken(String token) {
    if (peek().equals(token)) {
      next++;
      return true;
    }
    return false;
  }

  private void expect(String token) {
    if (!taken(token)) {
      throw new IllegalArgumentException("%s instead of %s".formatted(peek(), token));
    }
  }
}
