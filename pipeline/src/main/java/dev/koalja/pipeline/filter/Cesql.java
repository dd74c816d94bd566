package dev.koalja.pipeline.filter;

import java.util.List;
import java.util.Optional;

/**
 * A parsed expression of the CloudEvents SQL Expression Language, version 1.0. Immutable, safe for
 * any thread, equal when the text is the same.
 *
 * <p>Where the specification leaves a choice:
 *
 * <ul>
 *   <li>the first error ends the evaluation (its fail fast mode, as it recommends for filters);
 *   <li>arithmetic beyond 32 bits is a math error, it does not wrap;
 *   <li>{@code AND}, {@code OR}, {@code XOR} have one precedence and are read from left to right,
 *       as it says: write parentheses;
 *   <li>a character is a Unicode code point;
 *   <li>in a text only the quote that delimits it is escaped by a backslash; in a pattern also
 *       {@code %} and {@code _}; everywhere else a backslash is a backslash.
 * </ul>
 *
 * <p>Expressions are bounded in length, nesting and number of operators in a row, and matching a
 * pattern never takes longer than its length times the length of the text, so that an expression
 * cannot hold up the router.
 */
public final class Cesql {
  static final int MAX_LENGTH = 10_000;

  private final String text;
  private final CesqlNode root;
  private final List<String> attributes;
  private final Optional<CesqlNode.UnknownCall> unknownCall;

  Cesql(
      String text,
      CesqlNode root,
      List<String> attributes,
      Optional<CesqlNode.UnknownCall> unknownCall) {
    this.text = text;
    this.root = root;
    this.attributes = List.copyOf(attributes);
    this.unknownCall = unknownCall;
  }

  /**
   * Parses an expression.
   *
   * @throws IllegalArgumentException with the position of what is wrong in it
   */
  public static Cesql parse(String text) {
    return CesqlParser.parse(text);
  }

  /** The kinds of errors of the specification; parse errors are exceptions here. */
  enum ErrorKind {
    CAST,
    FUNCTION_EVALUATION,
    MATH,
    MISSING_ATTRIBUTE,
    MISSING_FUNCTION
  }

  /**
   * What went wrong.
   *
   * @param at the character of the expression, from 1
   */
  record Error(ErrorKind kind, String message, int at) {
    String text() {
      return message + " (character " + at + ")";
    }
  }

  /**
   * What an expression gave: a text, an integer or a boolean, and perhaps an error. With an error
   * the value is what the specification says for it, and no filter must use it.
   */
  record Result(Object value, Optional<Error> error) {}

  Result evaluate(EventView event) {
    try {
      return new Result(root.evaluate(event), Optional.empty());
    } catch (CesqlFailure failure) {
      // the value of a failed part counts only when that part is the whole
      Object value = failure.error().at() == root.at() ? failure.value() : root.type().zero();
      return new Result(value, Optional.of(failure.error()));
    }
  }

  /** The attributes it looks at, in the order of the text. */
  List<String> attributes() {
    return attributes;
  }

  /**
   * Refuses what can never let an event pass: a call of an unknown function, or a result that is no
   * boolean whatever the event.
   */
  void requirePredicate() {
    if (unknownCall.isPresent()) {
      CesqlNode.UnknownCall call = unknownCall.get();
      throw new IllegalArgumentException(
          call.message() + call.suggestion() + " (character " + call.at() + ")");
    }
    if (root.type() == CesqlNode.Type.INTEGER || root.type() == CesqlNode.Type.STRING) {
      throw new IllegalArgumentException(
          "gives %s, and a filter needs true or false"
              .formatted(root.type() == CesqlNode.Type.INTEGER ? "a number" : "a text"));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cesql cesql && cesql.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The expression as written. */
  @Override
  public String toString() {
    return text;
  }
}
