package dev.koalja.pipeline.filter;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/** How filters and values read in verdicts. Everything is bounded: values come from outside. */
final class Wording {
  private static final int MAX_VALUE = 100;
  private static final int MAX_TEXT = 500;

  private Wording() {}

  /** At most 500 characters. */
  static String cut(String text) {
    return cut(text, MAX_TEXT);
  }

  /** A value in quotes, on one line, at most 100 characters of it. */
  static String quote(String value) {
    StringBuilder quoted = new StringBuilder("\"");
    cut(value, MAX_VALUE)
        .codePoints()
        .forEach(
            each -> {
              switch (each) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                default -> {
                  if (Character.isISOControl(each)) {
                    quoted.append("\\u%04x".formatted(each));
                  } else {
                    quoted.appendCodePoint(each);
                  }
                }
              }
            });
    return quoted.append('"').toString();
  }

  /** A filter in words, as far as they fit. */
  static String of(Filter filter) {
    return switch (filter) {
      case Filter.Exact(var attributes) ->
          attributes.entrySet().stream()
              .map(each -> each.getKey() + " = " + quote(each.getValue()))
              .collect(Collectors.joining(" and "));
      case Filter.Prefix(var attributes) ->
          attributes.entrySet().stream()
              .map(each -> each.getKey() + " begins with " + quote(each.getValue()))
              .collect(Collectors.joining(" and "));
      case Filter.Suffix(var attributes) ->
          attributes.entrySet().stream()
              .map(each -> each.getKey() + " ends with " + quote(each.getValue()))
              .collect(Collectors.joining(" and "));
      case Filter.All(var filters) -> "all of (" + list(filters) + ")";
      case Filter.Any(var filters) -> "any of (" + list(filters) + ")";
      case Filter.Not(var negated) -> "not (" + of(negated) + ")";
      case Filter.Sql(var expression) -> "sql " + expression;
      case Filter.Data(var pointer, var condition) ->
          (pointer.toString().isEmpty() ? "data " : "data " + pointer + " ") + of(condition);
    };
  }

  /** A number, without an exponent as long as that is short. */
  static String number(BigDecimal number) {
    return Math.abs((long) number.scale()) < 20
        ? number.toPlainString()
        : cut(number.toString(), MAX_VALUE);
  }

  private static String of(DataCondition condition) {
    return switch (condition) {
      case DataCondition.Exact(String value) -> "= " + quote(value);
      case DataCondition.Prefix(String value) -> "begins with " + quote(value);
      case DataCondition.Suffix(String value) -> "ends with " + quote(value);
      case DataCondition.Exists(boolean expected) -> expected ? "exists" : "does not exist";
      case DataCondition.Compare(var comparison, var number) ->
          comparison.sign() + " " + number(number);
    };
  }

  private static String list(List<Filter> filters) {
    StringBuilder text = new StringBuilder();
    for (Filter filter : filters) {
      if (text.length() > MAX_TEXT) {
        break; // is cut anyway
      }
      text.append(text.isEmpty() ? "" : "; ").append(of(filter));
    }
    return text.toString();
  }

  /** At most so many characters. */
  static String cut(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max;
    return text.substring(0, end) + "…";
  }
}
