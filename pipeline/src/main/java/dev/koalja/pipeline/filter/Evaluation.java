package dev.koalja.pipeline.filter;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Filters applied to an event. Pure: the same filter and the same event, the same verdict. */
final class Evaluation {
  /** A number as JSON writes it, short enough to be worth comparing. */
  private static final Pattern NUMBER =
      Pattern.compile("-?[0-9]{1,1000}(\\.[0-9]{1,1000})?([eE][+-]?[0-9]{1,4})?");

  private Evaluation() {}

  static Verdict of(Filter filter, EventView event) {
    return switch (filter) {
      case Filter.Exact(var attributes) -> compare(event, attributes, "=", String::equals);
      case Filter.Prefix(var attributes) ->
          compare(event, attributes, "begins with", String::startsWith);
      case Filter.Suffix(var attributes) ->
          compare(event, attributes, "ends with", String::endsWith);
      case Filter.All(var filters) -> all(filters, event);
      case Filter.Any any -> any(any, event);
      case Filter.Not not -> not(not, event);
      case Filter.Sql sql -> sql(sql, event);
      case Filter.Data data -> data(data, event);
    };
  }

  static Verdict all(List<Filter> filters, EventView event) {
    for (Filter filter : filters) {
      Verdict verdict = of(filter, event);
      if (!verdict.passed()) {
        return verdict;
      }
    }
    return Verdict.PASSED;
  }

  private static Verdict compare(
      EventView event,
      Map<String, String> attributes,
      String operator,
      BiPredicate<String, String> holds) {
    for (Map.Entry<String, String> each : attributes.entrySet()) {
      String name = each.getKey();
      String found = event.text(name);
      if (found == null || !holds.test(found, each.getValue())) {
        return new Verdict.Failed(
            name + " " + operator + " " + Wording.quote(each.getValue()), event.told(name));
      }
    }
    return Verdict.PASSED;
  }

  private static Verdict any(Filter.Any any, EventView event) {
    List<Verdict> verdicts = new ArrayList<>(any.filters().size());
    for (Filter filter : any.filters()) {
      Verdict verdict = of(filter, event);
      if (verdict.passed()) {
        return verdict;
      }
      verdicts.add(verdict);
    }
    for (Verdict verdict : verdicts) {
      if (verdict instanceof Verdict.Error error) {
        return error;
      }
    }
    String because =
        verdicts.stream()
            .map(each -> each instanceof Verdict.Failed failed ? failed.because() : each.text())
            .distinct()
            .limit(10)
            .collect(Collectors.joining("; "));
    return new Verdict.Failed(Wording.of(any), because);
  }

  private static Verdict not(Filter.Not not, EventView event) {
    return switch (of(not.filter(), event)) {
      case Verdict.Passed() -> new Verdict.Failed(Wording.of(not), "what it negates holds");
      case Verdict.Failed _ -> Verdict.PASSED;
      case Verdict.Error error -> error;
    };
  }

  private static Verdict sql(Filter.Sql sql, EventView event) {
    Cesql.Result result = sql.expression().evaluate(event);
    if (result.error().isPresent()) {
      return new Verdict.Error(Wording.of(sql), result.error().get().text());
    }
    return switch (result.value()) {
      case Boolean holds when holds -> Verdict.PASSED;
      case Boolean _ -> {
        String found =
            sql.expression().attributes().stream()
                .limit(5)
                .map(event::told)
                .collect(Collectors.joining(", "));
        yield new Verdict.Failed(Wording.of(sql), found.isEmpty() ? "it never does" : found);
      }
      default ->
          new Verdict.Error(
              Wording.of(sql),
              "its result is %s, neither true nor false"
                  .formatted(Wording.quote(result.value().toString())));
    };
  }

  private static Verdict data(Filter.Data data, EventView event) {
    return switch (event.data()) {
      case EventView.Data.Json(JsonNode root) -> {
        JsonNode found = root.at(data.pointer());
        yield holds(data.condition(), found)
            ? Verdict.PASSED
            : new Verdict.Failed(Wording.of(data), told(data, found));
      }
      case EventView.Data.NotJson(String because) -> new Verdict.Failed(Wording.of(data), because);
      case EventView.Data.Unreadable(String message) ->
          new Verdict.Error(Wording.of(data), message);
    };
  }

  private static boolean holds(DataCondition condition, JsonNode found) {
    return switch (condition) {
      case DataCondition.Exact(String value) -> isExactly(value, found);
      case DataCondition.Prefix(String value) ->
          found.isTextual() && found.textValue().startsWith(value);
      case DataCondition.Suffix(String value) ->
          found.isTextual() && found.textValue().endsWith(value);
      case DataCondition.Exists(boolean expected) -> expected != found.isMissingNode();
      case DataCondition.Compare(var comparison, var number) ->
          found.isNumber() && comparison.holds(found.decimalValue(), number);
    };
  }

  private static boolean isExactly(String value, JsonNode found) {
    if (found.isNumber()) {
      return NUMBER.matcher(value).matches()
          && found.decimalValue().compareTo(new BigDecimal(value)) == 0;
    }
    return (found.isTextual() || found.isBoolean()) && found.asText().equals(value);
  }

  private static String told(Filter.Data data, JsonNode found) {
    String where = data.pointer().toString().isEmpty() ? "the data" : data.pointer().toString();
    return where
        + switch (found.getNodeType()) {
          case MISSING -> " is absent";
          case STRING -> " was " + Wording.quote(found.textValue());
          case NUMBER -> " was " + Wording.number(found.decimalValue());
          case BOOLEAN, NULL -> " was " + found.asText();
          case ARRAY -> " was a list";
          case OBJECT, BINARY, POJO -> " was an object";
        };
  }
}
