package dev.koalja.pipeline.filter;

import dev.koalja.pipeline.error.Suggestion;
import dev.koalja.pipeline.filter.DataCondition.Comparison;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Filters in the shape of the CloudEvents Subscriptions API, which is also that of pipeline files,
 * as plain maps, lists and texts:
 *
 * <pre>
 * filters:
 * - exact: {type: com.example.order}
 * - sql: "priority &gt; 3"
 * - data: {pointer: /total, greaterThan: 100}
 * - any: [{prefix: {subject: eu-}}, {not: {suffix: {source: /test}}}]
 * </pre>
 *
 * <p>A filter names one dialect. {@code data} has a {@code pointer} and one condition: {@code
 * exact}, {@code prefix}, {@code suffix}, {@code exists}, {@code greaterThan}, {@code atLeast},
 * {@code lessThan} or {@code atMost}. What is unknown is refused; nothing passes for want of
 * understanding it.
 */
public final class FilterJson {
  static final int MAX_NESTING = 8;
  static final int MAX_CLAUSES = 100;
  static final int MAX_VALUE = 2_000;
  private static final int MAX_NUMBER = 100;

  private static final List<String> DIALECTS =
      List.of("all", "any", "data", "exact", "not", "prefix", "sql", "suffix");

  private static final List<String> CONDITIONS = conditions();

  /** Filters and attributes read so far. */
  private int clauses;

  private FilterJson() {}

  /**
   * Reads one filter.
   *
   * @throws IllegalArgumentException with the path inside the filter, such as {@code any.1: unknown
   *     dialect "prefx": did you mean "prefix"?}
   */
  public static Filter parse(Object tree) {
    return new FilterJson().filter(tree, "", 1);
  }

  /**
   * Reads the list of filters of a reader; its bounds are those of one filter.
   *
   * @throws IllegalArgumentException with the path, beginning with {@code filters}
   */
  public static List<Filter> parseAll(Object trees) {
    return new FilterJson().filters(trees, "filters", 1);
  }

  /**
   * The filter as maps, lists, texts and, after {@code exists}, booleans; {@link #parse} reads it.
   */
  public static Object tree(Filter filter) {
    return switch (filter) {
      case Filter.Exact(var attributes) -> Map.of("exact", attributes);
      case Filter.Prefix(var attributes) -> Map.of("prefix", attributes);
      case Filter.Suffix(var attributes) -> Map.of("suffix", attributes);
      case Filter.All(var filters) -> Map.of("all", trees(filters));
      case Filter.Any(var filters) -> Map.of("any", trees(filters));
      case Filter.Not(var negated) -> Map.of("not", tree(negated));
      case Filter.Sql(var expression) -> Map.of("sql", expression.toString());
      case Filter.Data(var pointer, var condition) -> {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("pointer", pointer.toString());
        switch (condition) {
          case DataCondition.Exact(String value) -> fields.put("exact", value);
          case DataCondition.Prefix(String value) -> fields.put("prefix", value);
          case DataCondition.Suffix(String value) -> fields.put("suffix", value);
          case DataCondition.Exists(boolean expected) -> fields.put("exists", expected);
          case DataCondition.Compare(Comparison comparison, BigDecimal number) ->
              fields.put(comparison.word(), number.toString());
        }
        yield Map.of("data", fields);
      }
    };
  }

  private static List<Object> trees(List<Filter> filters) {
    return filters.stream().map(FilterJson::tree).toList();
  }

  private Filter filter(@Nullable Object tree, String path, int depth) {
    if (depth > MAX_NESTING) {
      throw error(path, "filters nested deeper than " + MAX_NESTING);
    }
    count(path);
    Map<String, Object> fields = mapping(tree, path, "one filter, such as {exact: {type: …}}");
    if (fields.size() != 1) {
      throw error(
          path,
          fields.isEmpty()
              ? "names no dialect (one of %s)".formatted(String.join(", ", DIALECTS))
              : "names %d dialects: make it one filter each".formatted(fields.size()));
    }
    String dialect = fields.keySet().iterator().next();
    Object value = fields.get(dialect);
    if (!DIALECTS.contains(dialect)) {
      throw error(path, unknown("dialect", dialect, DIALECTS));
    }
    String inside = join(path, dialect);
    return switch (dialect) {
      case "exact" -> attributes(value, inside, Filter.Exact::new);
      case "prefix" -> attributes(value, inside, Filter.Prefix::new);
      case "suffix" -> attributes(value, inside, Filter.Suffix::new);
      case "all" -> new Filter.All(some(value, inside, depth + 1));
      case "any" -> new Filter.Any(some(value, inside, depth + 1));
      case "not" -> new Filter.Not(filter(value, inside, depth + 1));
      case "sql" -> {
        String expression = text(value, inside, Cesql.MAX_LENGTH);
        yield made(inside, () -> new Filter.Sql(expression));
      }
      case "data" -> data(value, inside);
      default -> throw new IllegalStateException(dialect); // all of DIALECTS are above
    };
  }

  private List<Filter> some(@Nullable Object value, String path, int depth) {
    List<Filter> filters = filters(value, path, depth);
    if (filters.isEmpty()) {
      throw error(path, "lists no filter: at least one is needed");
    }
    return filters;
  }

  private List<Filter> filters(@Nullable Object value, String path, int depth) {
    if (!(value instanceof List<?> list)) {
      throw error(path, "must be a list of filters");
    }
    List<Filter> filters = new ArrayList<>();
    for (Object each : list) {
      filters.add(filter(each, join(path, String.valueOf(filters.size())), depth));
    }
    return filters;
  }

  private Filter attributes(
      @Nullable Object value, String path, Function<Map<String, String>, Filter> make) {
    Map<String, String> attributes = new LinkedHashMap<>();
    mapping(value, path, "a mapping of attributes to texts")
        .forEach(
            (name, wanted) -> {
              count(path);
              attributes.put(name, text(wanted, join(path, name), MAX_VALUE));
            });
    return made(path, () -> make.apply(attributes));
  }

  private static Filter data(@Nullable Object value, String path) {
    Map<String, Object> fields =
        mapping(value, path, "a pointer and a condition, such as {pointer: /total, atLeast: 100}");
    for (String field : fields.keySet()) {
      if (!field.equals("pointer") && !CONDITIONS.contains(field)) {
        throw error(path, unknown("condition", field, CONDITIONS));
      }
    }
    if (!fields.containsKey("pointer")) {
      throw error(path, "\"pointer\" is missing");
    }
    if (fields.size() != 2) {
      throw error(
          path,
          "needs one condition beside the pointer (one of %s)"
              .formatted(String.join(", ", CONDITIONS)));
    }
    String word =
        fields.keySet().stream().filter(each -> !each.equals("pointer")).findFirst().orElseThrow();
    Object wanted = fields.get(word);
    String at = join(path, word);
    DataCondition condition =
        switch (word) {
          case "exact" -> made(at, () -> new DataCondition.Exact(text(wanted, at, MAX_VALUE)));
          case "prefix" -> made(at, () -> new DataCondition.Prefix(text(wanted, at, MAX_VALUE)));
          case "suffix" -> made(at, () -> new DataCondition.Suffix(text(wanted, at, MAX_VALUE)));
          case "exists" -> new DataCondition.Exists(flag(wanted, at));
          default ->
              made(at, () -> new DataCondition.Compare(comparison(word), number(wanted, at)));
        };
    String pointer = text(fields.get("pointer"), join(path, "pointer"), MAX_VALUE);
    return made(join(path, "pointer"), () -> new Filter.Data(pointer, condition));
  }

  private static Comparison comparison(String word) {
    return Arrays.stream(Comparison.values())
        .filter(each -> each.word().equals(word))
        .findFirst()
        .orElseThrow();
  }

  private static boolean flag(@Nullable Object value, String path) {
    return switch (text(value, path, MAX_NUMBER)) {
      case "true" -> true;
      case "false" -> false;
      case String other -> throw error(path, Wording.quote(other) + " is neither true nor false");
    };
  }

  private static BigDecimal number(@Nullable Object value, String path) {
    String text = text(value, path, MAX_NUMBER);
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw error(path, Wording.quote(text) + " is no number");
    }
  }

  /** A scalar as text: files are read without guessing types, JSON is not. */
  private static String text(@Nullable Object value, String path, int max) {
    if (!(value instanceof String || value instanceof Number || value instanceof Boolean)) {
      throw error(path, "must be a single value");
    }
    String text = value.toString();
    if (text.length() > max) {
      throw error(path, "has %d characters: at most %d".formatted(text.length(), max));
    }
    return text;
  }

  private static Map<String, Object> mapping(@Nullable Object tree, String path, String what) {
    if (!(tree instanceof Map<?, ?> map)) {
      throw error(path, "must be " + what);
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    map.forEach(
        (key, value) -> {
          if (!(key instanceof String name)) {
            throw error(path, Wording.quote(String.valueOf(key)) + " is no text");
          }
          fields.put(name, value == null ? "" : value);
        });
    return fields;
  }

  private void count(String path) {
    if (++clauses > MAX_CLAUSES) {
      throw error(path, "more than %d clauses in one filter".formatted(MAX_CLAUSES));
    }
  }

  private static <T> T made(String path, Supplier<T> make) {
    try {
      return make.get();
    } catch (PathException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw error(path, String.valueOf(e.getMessage()));
    }
  }

  private static String unknown(String what, String word, List<String> known) {
    String suggestion = word.length() <= MAX_NUMBER ? Suggestion.didYouMean(word, known) : "";
    return "unknown %s %s%s (one of %s)"
        .formatted(what, Wording.quote(word), suggestion, String.join(", ", known));
  }

  private static List<String> conditions() {
    TreeSet<String> words = new TreeSet<>(List.of("exact", "prefix", "suffix", "exists"));
    Arrays.stream(Comparison.values()).map(Comparison::word).forEach(words::add);
    return List.copyOf(words);
  }

  private static String join(String path, String field) {
    String cut = Wording.cut(field, MAX_NUMBER);
    return path.isEmpty() ? cut : path + "." + cut;
  }

  private static PathException error(String path, String problem) {
    return new PathException(path.isEmpty() ? problem : path + ": " + problem);
  }

  /** Says where already, so that nobody says it again. */
  private static final class PathException extends IllegalArgumentException {
    PathException(String message) {
      super(message);
    }
  }
}
