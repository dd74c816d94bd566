package dev.koalja.pipeline.filter;

import java.math.BigDecimal;

/**
 * What {@link Filter.Data} asks of a JSON value. Only texts, numbers, true and false can be
 * compared; null, lists and objects merely exist.
 */
public sealed interface DataCondition {

  /**
   * The value is this one: a text equal to it, the same number however written ({@code 5}, {@code
   * 5.0}), or the word true or false.
   */
  record Exact(String value) implements DataCondition {
    public Exact {
      checked(value);
    }
  }

  /** The value is a text that begins so. */
  record Prefix(String value) implements DataCondition {
    public Prefix {
      checked(value);
    }
  }

  /** The value is a text that ends so. */
  record Suffix(String value) implements DataCondition {
    public Suffix {
      checked(value);
    }
  }

  /**
   * Something is there, if only null.
   *
   * @param expected false: nothing is there
   */
  record Exists(boolean expected) implements DataCondition {}

  /** The value is a number, and greater, less or so than this one. */
  record Compare(Comparison comparison, BigDecimal number) implements DataCondition {
    private static final int MAX_DIGITS = 1_000;

    public Compare {
      if (Math.abs((long) number.scale()) > MAX_DIGITS || number.precision() > MAX_DIGITS) {
        throw new IllegalArgumentException(
            "a number of more than %d digits is too long to compare with".formatted(MAX_DIGITS));
      }
      BigDecimal stripped = number.stripTrailingZeros(); // 5 and 5.0 are the same filter
      number = stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }
  }

  /** How two numbers are compared. */
  enum Comparison {
    GREATER_THAN("greaterThan", ">"),
    AT_LEAST("atLeast", ">="),
    LESS_THAN("lessThan", "<"),
    AT_MOST("atMost", "<=");

    private final String word;
    private final String sign;

    Comparison(String word, String sign) {
      this.word = word;
      this.sign = sign;
    }

    /** As pipeline files write it. */
    public String word() {
      return word;
    }

    String sign() {
      return sign;
    }

    boolean holds(BigDecimal found, BigDecimal number) {
      int order = found.compareTo(number);
      return switch (this) {
        case GREATER_THAN -> order > 0;
        case AT_LEAST -> order >= 0;
        case LESS_THAN -> order < 0;
        case AT_MOST -> order <= 0;
      };
    }
  }

  private static void checked(String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("the value to compare with is empty");
    }
  }
}
