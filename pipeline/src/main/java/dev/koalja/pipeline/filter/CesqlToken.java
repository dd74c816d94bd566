package dev.koalja.pipeline.filter;

import java.util.ArrayList;
import java.util.List;

/**
 * A word, number, text or sign of an expression.
 *
 * @param text of a text: without its quotes and escapes
 * @param at the character where it begins, from 1
 */
record CesqlToken(Kind kind, String text, int at) {
  /** What it is. */
  enum Kind {
    WORD,
    DIGITS,
    TEXT,
    SIGN,
    END
  }

  private static final String SIGNS = "()+-*/%,=<>";

  boolean isSign(String sign) {
    return kind == Kind.SIGN && text.equals(sign);
  }

  /** Keywords are the same in any case. */
  boolean isWord(String word) {
    return kind == Kind.WORD && text.equalsIgnoreCase(word);
  }

  /** How messages call it. */
  String told() {
    return kind == Kind.END ? "the end" : Wording.quote(text);
  }

  /** All tokens of an expression, the last one being its end. */
  static List<CesqlToken> all(String expression) {
    List<CesqlToken> tokens = new ArrayList<>();
    int i = 0;
    while (i < expression.length()) {
      char c = expression.charAt(i);
      int end = i + 1;
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        i = end;
        continue;
      }
      if (c == '\'' || c == '"') {
        end = endOfText(expression, i);
        String quote = String.valueOf(c);
        String text = expression.substring(i + 1, end - 1).replace("\\" + quote, quote);
        tokens.add(new CesqlToken(Kind.TEXT, text, i + 1));
      } else if (isWordCharacter(c)) {
        boolean digits = true;
        for (end = i; end < expression.length() && isWordCharacter(expression.charAt(end)); end++) {
          digits &= Character.isDigit(expression.charAt(end));
        }
        tokens.add(
            new CesqlToken(digits ? Kind.DIGITS : Kind.WORD, expression.substring(i, end), i + 1));
      } else {
        String two = expression.substring(i, Math.min(i + 2, expression.length()));
        if (two.equals("!=") || two.equals("<>") || two.equals("<=") || two.equals(">=")) {
          end = i + 2;
        } else if (SIGNS.indexOf(c) < 0) {
          throw CesqlParser.error(
              "no expression has " + Wording.quote(expression.substring(i, end)), i + 1);
        }
        tokens.add(new CesqlToken(Kind.SIGN, expression.substring(i, end), i + 1));
      }
      i = end;
    }
    tokens.add(new CesqlToken(Kind.END, "", expression.length() + 1));
    return tokens;
  }

  /** The index after the closing quote; a backslash keeps the character after it in the text. */
  private static int endOfText(String expression, int start) {
    for (int i = start + 1; i < expression.length(); i++) {
      if (expression.charAt(i) == '\\') {
        i++;
      } else if (expression.charAt(i) == expression.charAt(start)) {
        return i + 1;
      }
    }
    throw CesqlParser.error("the text that begins here has no end", start + 1);
  }

  private static boolean isWordCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }
}
