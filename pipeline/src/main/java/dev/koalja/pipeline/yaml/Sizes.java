package dev.koalja.pipeline.yaml;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes as people write them: {@code 512}, {@code 64KiB}, {@code 16MiB}, {@code 1GiB}. */
public final class Sizes {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,12})(|B|KiB|MiB|GiB)");

  private Sizes() {}

  /**
   * Reads a number with or without a unit.
   *
   * @throws IllegalArgumentException saying what is accepted
   */
  public static long parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no size: write a number and KiB, MiB or GiB, such as 16MiB");
    }
    long number = Long.parseLong(matcher.group(1));
    long unit =
        switch (matcher.group(2)) {
          case "KiB" -> 1L << 10;
          case "MiB" -> 1L << 20;
          case "GiB" -> 1L << 30;
          default -> 1;
        };
    if (number > Long.MAX_VALUE / unit) {
      throw new IllegalArgumentException("\"" + text + "\" is more than a number can say");
    }
    return number * unit;
  }

  /** The shortest form that {@link #parse} reads back to the same number. */
  public static String format(long bytes) {
    if (bytes > 0 && bytes % (1 << 30) == 0) {
      return (bytes >> 30) + "GiB";
    }
    if (bytes > 0 && bytes % (1 << 20) == 0) {
      return (bytes >> 20) + "MiB";
    }
    return bytes > 0 && bytes % 1024 == 0 ? (bytes >> 10) + "KiB" : Long.toString(bytes);
  }
}
