package dev.koalja.pipeline.filter;

import java.util.Arrays;

/**
 * The pattern of {@code LIKE}: {@code %} is any text, {@code _} one character, both literal after a
 * backslash. Compiled once; matching goes back at most to the last {@code %}, so it never takes
 * longer than the length of the text times that of the pattern.
 */
final class CesqlPattern {
  private static final int ANY_TEXT = -1;
  private static final int ANY_CHARACTER = -2;

  private final int[] parts;

  CesqlPattern(String pattern) {
    int[] characters = pattern.codePoints().toArray();
    int[] compiled = new int[characters.length];
    int length = 0;
    for (int i = 0; i < characters.length; i++) {
      int each = characters[i];
      boolean escapes =
          each == '\\'
              && i + 1 < characters.length
              && (characters[i + 1] == '%' || characters[i + 1] == '_');
      compiled[length++] =
          escapes ? characters[++i] : each == '%' ? ANY_TEXT : each == '_' ? ANY_CHARACTER : each;
    }
    parts = Arrays.copyOf(compiled, length);
  }

  boolean matches(String text) {
    int[] characters = text.codePoints().toArray();
    int part = 0;
    int at = 0;
    int lastAnyText = -1;
    int resumeAt = 0;
    while (at < characters.length) {
      if (part < parts.length && parts[part] == ANY_TEXT) {
        lastAnyText = part++;
        resumeAt = at;
      } else if (part < parts.length
          && (parts[part] == ANY_CHARACTER || parts[part] == characters[at])) {
        part++;
        at++;
      } else if (lastAnyText >= 0) {
        // the last % takes one character more
        part = lastAnyText + 1;
        at = ++resumeAt;
      } else {
        return false;
      }
    }
    while (part < parts.length && parts[part] == ANY_TEXT) {
      part++;
    }
    return part == parts.length;
  }
}
