package dev.koalja.pipeline;

import java.util.regex.Pattern;

/**
 * The one grammar of all names: they become Kubernetes names and parts of Kafka topic names.
 *
 * <p>A lower-case letter, then at most 62 letters, digits or dashes, the last one no dash (RFC 1123
 * label that begins with a letter).
 */
public final class NameGrammar {
  private static final Pattern NAME = Pattern.compile("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");

  private NameGrammar() {}

  /** Whether {@code value} is a name. */
  public static boolean matches(String value) {
    return NAME.matcher(value).matches();
  }

  /**
   * Returns {@code value} if it is a name.
   *
   * @param what what is named, for the message, such as {@code link}
   * @throws IllegalArgumentException naming the value and the rule
   */
  public static String require(String what, String value) {
    if (!matches(value)) {
      throw new IllegalArgumentException(
          "\"%s\" is no %s name: lower-case letters, digits and dashes, at most 63, first a letter, last no dash"
              .formatted(value, what));
    }
    return value;
  }
}
