package dev.koalja.pipeline.filter;

import dev.koalja.pipeline.filter.CesqlNode.Operator;
import dev.koalja.pipeline.filter.CesqlToken.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads an expression by climbing precedences: from the strongest, calls, {@code NOT} and {@code
 * -}, {@code LIKE}, {@code EXISTS}, {@code IN}, then the {@link Operator operators}.
 */
final class CesqlParser {
  private static final int MAX_NESTING = 100;
  private static final int MAX_OPERATORS = 1_000;
  private static final int MAX_TOLD = 40;
  private static final int LIKE = 6;
  private static final int IN = 5;
  private static final Pattern FUNCTION = Pattern.compile("[a-zA-Z][a-zA-Z_]*");
  private static final Set<String> KEYWORDS =
      Set.of("AND", "OR", "XOR", "NOT", "LIKE", "EXISTS", "IN", "TRUE", "FALSE");

  private final List<CesqlToken> tokens;
  private final Set<String> attributes = new LinkedHashSet<>();
  private CesqlNode.@Nullable UnknownCall unknownCall;
  private int next;
  private int nesting;
  private int operators;

  private CesqlParser(List<CesqlToken> tokens) {
    this.tokens = tokens;
  }

  static Cesql parse(String expression) {
    if (expression.length() > Cesql.MAX_LENGTH) {
      throw new IllegalArgumentException(
          "an expression of %d characters: at most %d"
              .formatted(expression.length(), Cesql.MAX_LENGTH));
    }
    CesqlParser parser = new CesqlParser(CesqlToken.all(expression));
    CesqlNode root = parser.expression(1);
    if (parser.peek().kind() != Kind.END) {
      throw parser.unexpected("an operator");
    }
    return new Cesql(
        expression, root, List.copyOf(parser.attributes), Optional.ofNullable(parser.unknownCall));
  }

  static IllegalArgumentException error(String problem, int at) {
    return new IllegalArgumentException(problem + " (character " + at + ")");
  }

  /** An operand and all operators behind it that bind at least so strongly. */
  private CesqlNode expression(int precedence) {
    if (++nesting > MAX_NESTING) {
      throw error("nested deeper than " + MAX_NESTING, peek().at());
    }
    CesqlNode left = operand();
    while (true) {
      CesqlToken token = peek();
      boolean negated = token.isWord("NOT");
      CesqlToken word = negated ? tokens.get(next + 1) : token;
      if (word.isWord("LIKE") && precedence <= LIKE) {
        skip(negated ? 2 : 1);
        left = new CesqlNode.Like(left, pattern(), negated, token.at());
      } else if (word.isWord("IN") && precedence <= IN) {
        skip(negated ? 2 : 1);
        left = new CesqlNode.In(left, list(1), negated, token.at());
      } else {
        Optional<Operator> operator = operator(token).filter(each -> each.precedence >= precedence);
        if (operator.isEmpty()) {
          nesting--;
          return left;
        }
        skip(1);
        CesqlNode right = expression(operator.get().precedence + 1);
        left = new CesqlNode.Binary(operator.get(), left, right, token.at());
      }
      // each one is a level of the tree, and evaluation descends level by level
      if (++operators > MAX_OPERATORS) {
        throw error("more than " + MAX_OPERATORS + " operators", token.at());
      }
    }
  }

  private static Optional<Operator> operator(CesqlToken token) {
    if (token.kind() == Kind.SIGN || token.kind() == Kind.WORD) {
      for (Operator operator : Operator.values()) {
        if (operator.sign.equalsIgnoreCase(token.text())) {
          return Optional.of(operator);
        }
      }
    }
    return Optional.empty();
  }

  private CesqlNode operand() {
    CesqlToken token = peek();
    return switch (token.kind()) {
      case TEXT -> {
        skip(1);
        yield new CesqlNode.Literal(token.text(), token.at());
      }
      case DIGITS -> {
        skip(1);
        // a name may consist of digits, but then nothing tells it from a number
        yield integer("", token);
      }
      case SIGN -> signed(token);
      case WORD -> word(token);
      case END -> throw unexpected("a value");
    };
  }

  private CesqlNode signed(CesqlToken token) {
    CesqlToken following = tokens.get(next + 1);
    boolean isLiteral = following.kind() == Kind.DIGITS && following.at() == token.at() + 1;
    if (token.isSign("(")) {
      skip(1);
      CesqlNode inner = expression(1);
      expect(")");
      return inner;
    }
    if (isLiteral && (token.isSign("-") || token.isSign("+"))) {
      skip(2);
      return integer(token.text(), following);
    }
    if (token.isSign("-")) {
      skip(1);
      return new CesqlNode.Negate(nestedOperand(), token.at());
    }
    throw unexpected("a value");
  }

  private CesqlNode word(CesqlToken token) {
    skip(1);
    if (token.isWord("TRUE") || token.isWord("FALSE")) {
      return new CesqlNode.Literal(token.isWord("TRUE"), token.at());
    }
    if (token.isWord("NOT")) {
      return new CesqlNode.Not(nestedOperand(), token.at());
    }
    if (token.isWord("EXISTS")) {
      CesqlToken name = peek();
      if (name.kind() != Kind.WORD && name.kind() != Kind.DIGITS) {
        throw unexpected("an attribute");
      }
      skip(1);
      return new CesqlNode.Exists(attribute(name), token.at());
    }
    if (KEYWORDS.contains(token.text().toUpperCase(Locale.ROOT))) {
      next--;
      throw unexpected("a value");
    }
    return peek().isSign("(") ? call(token) : new CesqlNode.Attribute(attribute(token), token.at());
  }

  /** The operand of {@code NOT} or {@code -}: these bind more strongly than all behind it. */
  private CesqlNode nestedOperand() {
    if (++nesting > MAX_NESTING) {
      throw error("nested deeper than " + MAX_NESTING, peek().at());
    }
    CesqlNode operand = operand();
    nesting--;
    return operand;
  }

  private CesqlNode call(CesqlToken name) {
    if (!FUNCTION.matcher(name.text()).matches()) {
      throw error(name.told() + " is no name of a function", name.at());
    }
    List<CesqlNode> arguments = list(0);
    Optional<CesqlFunction> function = CesqlFunction.find(name.text(), arguments.size());
    if (function.isPresent()) {
      return new CesqlNode.Call(function.get(), arguments, name.at());
    }
    CesqlNode.UnknownCall unknown =
        new CesqlNode.UnknownCall(name.text(), arguments.size(), name.at());
    if (unknownCall == null) {
      unknownCall = unknown;
    }
    return unknown;
  }

  private List<CesqlNode> list(int least) {
    expect("(");
    List<CesqlNode> items = new ArrayList<>();
    if (least == 0 && peek().isSign(")")) {
      skip(1);
      return items;
    }
    items.add(expression(1));
    while (peek().isSign(",")) {
      skip(1);
      items.add(expression(1));
    }
    expect(")");
    return List.copyOf(items);
  }

  private CesqlPattern pattern() {
    if (peek().kind() != Kind.TEXT) {
      throw unexpected("a text in quotes");
    }
    CesqlPattern pattern = new CesqlPattern(peek().text());
    skip(1);
    return pattern;
  }

  private static CesqlNode integer(String sign, CesqlToken digits) {
    try {
      return new CesqlNode.Literal(Integer.parseInt(sign + digits.text()), digits.at());
    } catch (NumberFormatException e) {
      throw error(Wording.cut(digits.text(), MAX_TOLD) + " is no integer of 32 bits", digits.at());
    }
  }

  private String attribute(CesqlToken token) {
    String name = token.text().toLowerCase(Locale.ROOT);
    try {
      EventView.requireAttributeName(name);
    } catch (IllegalArgumentException e) {
      throw error(String.valueOf(e.getMessage()), token.at());
    }
    attributes.add(name);
    return name;
  }

  private void expect(String sign) {
    if (!peek().isSign(sign)) {
      throw unexpected("\"" + sign + "\"");
    }
    skip(1);
  }

  private IllegalArgumentException unexpected(String instead) {
    return error("%s where %s belongs".formatted(peek().told(), instead), peek().at());
  }

  private CesqlToken peek() {
    return tokens.get(next);
  }

  private void skip(int count) {
    next += count;
  }
}
