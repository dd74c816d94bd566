package dev.koalja.pipeline.filter;

import dev.koalja.pipeline.filter.CesqlNode.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The functions of CESQL: those of the specification, and {@code INT}, {@code BOOL}, {@code
 * STRING}, which its examples and its test suite use. Characters are counted in code points.
 */
enum CesqlFunction {
  ABS("ABS", Type.INTEGER, Type.INTEGER),
  BOOL("BOOL", Type.BOOLEAN, Type.BOOLEAN),
  CONCAT("CONCAT", Type.STRING),
  CONCAT_WS("CONCAT_WS", Type.STRING, Type.STRING),
  INT("INT", Type.INTEGER, Type.INTEGER),
  LEFT("LEFT", Type.STRING, Type.STRING, Type.INTEGER),
  LENGTH("LENGTH", Type.INTEGER, Type.STRING),
  LOWER("LOWER", Type.STRING, Type.STRING),
  RIGHT("RIGHT", Type.STRING, Type.STRING, Type.INTEGER),
  STRING("STRING", Type.STRING, Type.STRING),
  SUBSTRING("SUBSTRING", Type.STRING, Type.STRING, Type.INTEGER),
  SUBSTRING_OF("SUBSTRING", Type.STRING, Type.STRING, Type.INTEGER, Type.INTEGER),
  TRIM("TRIM", Type.STRING, Type.STRING),
  UPPER("UPPER", Type.STRING, Type.STRING);

  /** Texts put together are no longer than this, whatever the attributes hold. */
  static final int MAX_TEXT = 1024 * 1024;

  private final String title;
  private final Type result;
  private final List<Type> parameters;

  CesqlFunction(String title, Type result, Type... parameters) {
    this.title = title;
    this.result = result;
    this.parameters = List.of(parameters);
  }

  static List<String> names() {
    return Arrays.stream(values()).map(each -> each.title).distinct().toList();
  }

  /** The function of that name, in any case, that takes so many arguments. */
  static Optional<CesqlFunction> find(String name, int arguments) {
    return Arrays.stream(values())
        .filter(each -> each.title.equalsIgnoreCase(name) && each.takes(arguments))
        .findFirst();
  }

  private boolean takes(int arguments) {
    return isVariadic() ? arguments >= parameters.size() : arguments == parameters.size();
  }

  private boolean isVariadic() {
    return this == CONCAT || this == CONCAT_WS;
  }

  Type result() {
    return result;
  }

  /** The type of a parameter, from 0; all further ones of a variadic function are texts. */
  Type parameter(int index) {
    return index < parameters.size() ? parameters.get(index) : Type.STRING;
  }

  /**
   * @param values as many as it takes, of the right types
   * @param at where the call stands, for errors
   */
  Object apply(List<Object> values, int at) {
    return switch (this) {
      case ABS -> abs(integer(values, 0), at);
      case BOOL, INT, STRING -> values.getFirst(); // the cast has been done
      case CONCAT -> join("", values, at);
      case CONCAT_WS -> join(text(values, 0), values.subList(1, values.size()), at);
      case LEFT -> {
        Characters characters = new Characters(text(values, 0));
        yield characters.first(kept(characters, integer(values, 1), at));
      }
      case RIGHT -> {
        Characters characters = new Characters(text(values, 0));
        int kept = kept(characters, integer(values, 1), at);
        yield characters.from(characters.count() - kept);
      }
      case LENGTH -> new Characters(text(values, 0)).count();
      case LOWER -> text(values, 0).toLowerCase(Locale.ROOT);
      case UPPER -> text(values, 0).toUpperCase(Locale.ROOT);
      case SUBSTRING -> substring(text(values, 0), integer(values, 1), Integer.MAX_VALUE, at);
      case SUBSTRING_OF -> substring(text(values, 0), integer(values, 1), integer(values, 2), at);
      case TRIM -> trim(text(values, 0));
    };
  }

  private static int abs(int number, int at) {
    if (number == Integer.MIN_VALUE) {
      throw new CesqlFailure(
          Cesql.ErrorKind.MATH, "2147483648 has more than 32 bits", at, Integer.MAX_VALUE);
    }
    return Math.abs(number);
  }

  private static String join(String delimiter, List<Object> values, int at) {
    long length = 0;
    for (Object value : values) {
      length += value.toString().length() + delimiter.length();
    }
    if (length > MAX_TEXT) {
      throw new CesqlFailure(
          Cesql.ErrorKind.FUNCTION_EVALUATION, "a text of %d characters".formatted(length), at, "");
    }
    return values.stream().map(Object::toString).collect(Collectors.joining(delimiter));
  }

  private static int kept(Characters characters, int length, int at) {
    if (length < 0) {
      throw new CesqlFailure(
          Cesql.ErrorKind.FUNCTION_EVALUATION, "a length of " + length, at, characters.text());
    }
    return Math.min(length, characters.count());
  }

  private static String substring(String text, int position, int length, int at) {
    Characters characters = new Characters(text);
    int count = characters.count();
    if (position > count || position < -count || length < 0) {
      throw new CesqlFailure(
          Cesql.ErrorKind.FUNCTION_EVALUATION,
          "no substring at %d of a text of %d characters".formatted(position, count)
              + (length < 0 ? " has the length " + length : ""),
          at,
          "");
    }
    if (position == 0) {
      return "";
    }
    int start = position > 0 ? position - 1 : count + position;
    return new Characters(characters.from(start)).first(length);
  }

  private static String trim(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isWhitespace(text.charAt(start))) {
      start++;
    }
    while (end > start && isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /** Unicode's White_Space; Java's own notions differ on control characters and fixed spaces. */
  private static boolean isWhitespace(char each) {
    return Character.isSpaceChar(each) || (each >= '\t' && each <= '\r') || each == '\u0085';
  }

  private static String text(List<Object> values, int index) {
    return values.get(index).toString();
  }

  private static int integer(List<Object> values, int index) {
    return (Integer) values.get(index);
  }

  /** A text counted in code points. */
  private record Characters(String text) {
    int count() {
      return text.codePointCount(0, text.length());
    }

    String first(int characters) {
      return characters >= count()
          ? text
          : text.substring(0, text.offsetByCodePoints(0, characters));
    }

    String from(int index) {
      return text.substring(text.offsetByCodePoints(0, index));
    }
  }
}
