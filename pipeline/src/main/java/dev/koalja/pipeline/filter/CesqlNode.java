package dev.koalja.pipeline.filter;

import dev.koalja.pipeline.error.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A part of an expression that can be evaluated. Values are String, Integer and Boolean. */
sealed interface CesqlNode {
  /** The types of values. */
  enum Type {
    STRING(""),
    INTEGER(0),
    BOOLEAN(false),
    /** Known only with the event; its zero value is that of a boolean (specification, 3.2). */
    ANY(false);

    private final Object zero;

    Type(Object zero) {
      this.zero = zero;
    }

    Object zero() {
      return zero;
    }

    static Type of(Object value) {
      return switch (value) {
        case Integer _ -> INTEGER;
        case Boolean _ -> BOOLEAN;
        default -> STRING;
      };
    }
  }

  /** Operators of two operands, the strongest last; those of one level are read left to right. */
  enum Operator {
    AND("AND", 1, Type.BOOLEAN),
    OR("OR", 1, Type.BOOLEAN),
    XOR("XOR", 1, Type.BOOLEAN),
    EQUAL("=", 2, Type.BOOLEAN),
    NOT_EQUAL("!=", 2, Type.BOOLEAN),
    DIFFERENT("<>", 2, Type.BOOLEAN),
    LESS("<", 2, Type.BOOLEAN),
    LESS_OR_EQUAL("<=", 2, Type.BOOLEAN),
    GREATER(">", 2, Type.BOOLEAN),
    GREATER_OR_EQUAL(">=", 2, Type.BOOLEAN),
    PLUS("+", 3, Type.INTEGER),
    MINUS("-", 3, Type.INTEGER),
    TIMES("*", 4, Type.INTEGER),
    DIVIDE("/", 4, Type.INTEGER),
    REMAINDER("%", 4, Type.INTEGER);

    final String sign;
    final int precedence;
    final Type result;

    Operator(String sign, int precedence, Type result) {
      this.sign = sign;
      this.precedence = precedence;
      this.result = result;
    }
  }

  /** Where it stands in the expression, from 1. No two parts that can fail share a position. */
  int at();

  Type type();

  /**
   * @throws CesqlFailure at the first error
   */
  Object evaluate(EventView event);

  /** A value written in the expression. */
  record Literal(Object value, int at) implements CesqlNode {
    @Override
    public Type type() {
      return Type.of(value);
    }

    @Override
    public Object evaluate(EventView event) {
      return value;
    }
  }

  /** The value of an attribute of the event. */
  record Attribute(String name, int at) implements CesqlNode {
    @Override
    public Type type() {
      return Type.ANY;
    }

    @Override
    public Object evaluate(EventView event) {
      Object value = event.value(name);
      if (value == null) {
        throw new CesqlFailure(
            Cesql.ErrorKind.MISSING_ATTRIBUTE, name + " is absent", at, Type.ANY.zero());
      }
      return value;
    }
  }

  /** Whether the event has an attribute. */
  record Exists(String name, int at) implements CesqlNode {
    @Override
    public Type type() {
      return Type.BOOLEAN;
    }

    @Override
    public Object evaluate(EventView event) {
      return event.value(name) != null;
    }
  }

  /** {@code NOT x}. */
  record Not(CesqlNode operand, int at) implements CesqlNode {
    @Override
    public Type type() {
      return Type.BOOLEAN;
    }

    @Override
    public Object evaluate(EventView event) {
      return !toBoolean(operand.evaluate(event), this);
    }
  }

  /** {@code -x}. */
  record Negate(CesqlNode operand, int at) implements CesqlNode {
    @Override
    public Type type() {
      return Type.INTEGER;
    }

    @Override
    public Object evaluate(EventView event) {
      return inRange(-(long) toInteger(operand.evaluate(event), this), this);
    }
  }

  /** {@code x AND y}, {@code x = y}, {@code x + y} and their like. */
  record Binary(Operator operator, CesqlNode left, CesqlNode right, int at) implements CesqlNode {
    @Override
    public Type type() {
      return operator.result;
    }

    @Override
    public Object evaluate(EventView event) {
      Object x = left.evaluate(event);
      if (operator == Operator.AND && !toBoolean(x, this)) {
        return false;
      }
      if (operator == Operator.OR && toBoolean(x, this)) {
        return true;
      }
      Object y = right.evaluate(event);
      return switch (operator) {
        case AND, OR -> toBoolean(y, this);
        case XOR -> toBoolean(x, this) ^ toBoolean(y, this);
        // the right operand decides what the left one is cast to (specification, 3.7)
        case EQUAL -> cast(x, Type.of(y), this).equals(y);
        case NOT_EQUAL, DIFFERENT -> !cast(x, Type.of(y), this).equals(y);
        case LESS -> toInteger(x, this) < toInteger(y, this);
        case LESS_OR_EQUAL -> toInteger(x, this) <= toInteger(y, this);
        case GREATER -> toInteger(x, this) > toInteger(y, this);
        case GREATER_OR_EQUAL -> toInteger(x, this) >= toInteger(y, this);
        case PLUS -> inRange((long) toInteger(x, this) + toInteger(y, this), this);
        case MINUS -> inRange((long) toInteger(x, this) - toInteger(y, this), this);
        case TIMES -> inRange((long) toInteger(x, this) * toInteger(y, this), this);
        case DIVIDE -> inRange((long) toInteger(x, this) / divisor(y), this);
        case REMAINDER -> toInteger(x, this) % divisor(y);
      };
    }

    private int divisor(Object y) {
      int divisor = toInteger(y, this);
      if (divisor == 0) {
        throw new CesqlFailure(Cesql.ErrorKind.MATH, "division by zero", at, 0);
      }
      return divisor;
    }
  }

  /** {@code x LIKE pattern}. */
  record Like(CesqlNode operand, CesqlPattern pattern, boolean negated, int at)
      implements CesqlNode {
    @Override
    public Type type() {
      return Type.BOOLEAN;
    }

    @Override
    public Object evaluate(EventView event) {
      return pattern.matches(operand.evaluate(event).toString()) != negated;
    }
  }

  /** {@code x IN (y1, y2)}; each is cast to the type of x (specification, 3.7). */
  record In(CesqlNode operand, List<CesqlNode> set, boolean negated, int at) implements CesqlNode {
    @Override
    public Type type() {
      return Type.BOOLEAN;
    }

    @Override
    public Object evaluate(EventView event) {
      Object x = operand.evaluate(event);
      for (CesqlNode element : set) {
        if (cast(element.evaluate(event), Type.of(x), this).equals(x)) {
          return !negated;
        }
      }
      return negated;
    }
  }

  /** A call of a function. */
  record Call(CesqlFunction function, List<CesqlNode> arguments, int at) implements CesqlNode {
    @Override
    public Type type() {
      return function.result();
    }

    @Override
    public Object evaluate(EventView event) {
      List<Object> values = new ArrayList<>(arguments.size());
      for (int i = 0; i < arguments.size(); i++) {
        values.add(cast(arguments.get(i).evaluate(event), function.parameter(i), this));
      }
      return function.apply(values, at);
    }
  }

  /** A call of a function that does not exist, or not with so many arguments. */
  record UnknownCall(String name, int arguments, int at) implements CesqlNode {
    @Override
    public Type type() {
      return Type.ANY;
    }

    @Override
    public Object evaluate(EventView event) {
      throw new CesqlFailure(Cesql.ErrorKind.MISSING_FUNCTION, message(), at, Type.ANY.zero());
    }

    String message() {
      return "there is no function %s of %d arguments".formatted(Wording.cut(name, 40), arguments);
    }

    String suggestion() {
      List<String> names = CesqlFunction.names();
      return names.contains(name) || name.length() > 40
          ? ""
          : Suggestion.didYouMean(name.toUpperCase(Locale.ROOT), names);
    }
  }

  /** The value as a type: as it is, or cast as the specification says in 3.7. */
  private static Object cast(Object value, Type type, CesqlNode by) {
    return switch (type) {
      case STRING -> value.toString();
      case INTEGER -> toInteger(value, by);
      case BOOLEAN -> toBoolean(value, by);
      case ANY -> value;
    };
  }

  private static int toInteger(Object value, CesqlNode by) {
    return switch (value) {
      case Integer number -> number;
      case Boolean bool -> bool ? 1 : 0;
      default -> {
        String text = value.toString();
        try {
          if (text.chars().allMatch(each -> each < 0x80)) { // Java also reads other digits
            yield Integer.parseInt(text);
          }
        } catch (NumberFormatException _) {
          // falls through to the error
        }
        throw new CesqlFailure(
            Cesql.ErrorKind.CAST,
            Wording.quote(text) + " is no integer",
            by.at(),
            by.type().zero());
      }
    };
  }

  private static boolean toBoolean(Object value, CesqlNode by) {
    return switch (value) {
      case Boolean bool -> bool;
      case Integer number -> number != 0;
      default ->
          switch (value.toString().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new CesqlFailure(
                    Cesql.ErrorKind.CAST,
                    Wording.quote(value.toString()) + " is neither true nor false",
                    by.at(),
                    by.type().zero());
          };
    };
  }

  private static int inRange(long number, CesqlNode by) {
    if (number != (int) number) {
      throw new CesqlFailure(
          Cesql.ErrorKind.MATH, number + " has more than 32 bits", by.at(), by.type().zero());
    }
    return (int) number;
  }
}
