package dev.koalja.pipeline.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterJsonTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Object tree(String json) {
    try {
      return JSON.readValue(json, Object.class);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'exact': {'type': 'com.example.order'}}",
        "{'prefix': {'type': 'com.', 'subject': 'eu-'}}",
        "{'suffix': {'source': '/test'}}",
        "{'sql': 'priority > 3 AND subject LIKE \\'eu-%\\''}",
        "{'data': {'pointer': '/total', 'greaterThan': '100'}}",
        "{'data': {'pointer': '/total', 'atLeast': '-0.5'}}",
        "{'data': {'pointer': '/total', 'lessThan': '1000'}}",
        "{'data': {'pointer': '', 'atMost': '7'}}",
        "{'data': {'pointer': '/a~1b/0', 'exact': 'x'}}",
        "{'data': {'pointer': '/a', 'prefix': 'x'}}",
        "{'data': {'pointer': '/a', 'suffix': 'x'}}",
        "{'data': {'pointer': '/a', 'exists': false}}",
        "{'all': [{'exact': {'type': 'a'}}, {'any': [{'not': {'exact': {'type': 'b'}}}]}]}",
      })
  void shouldReadBackWhatItWrites(String json) {
    Object tree = tree(json.replace("\\'", "\\u0027").replace('\'', '"'));
    Filter filter = FilterJson.parse(tree);

    assertThat(FilterJson.tree(filter)).isEqualTo(tree);
    assertThat(FilterJson.parse(FilterJson.tree(filter))).isEqualTo(filter);
  }

  @Test
  void shouldReadScalarsOfAnyType() {
    assertThat(FilterJson.parse(Map.of("exact", Map.of("priority", 5, "test", true))))
        .isEqualTo(new Filter.Exact(Map.of("priority", "5", "test", "true")));
    assertThat(FilterJson.parse(tree("{\"data\": {\"pointer\": \"/a\", \"greaterThan\": 1.50}}")))
        .isEqualTo(FilterJson.parse(Map.of("data", Map.of("pointer", "/a", "greaterThan", "1.5"))));
    assertThat(FilterJson.parse(Map.of("data", Map.of("pointer", "/a", "lessThan", 1E+3))))
        .isEqualTo(FilterJson.parse(Map.of("data", Map.of("pointer", "/a", "lessThan", "1000"))));
    assertThat(FilterJson.parse(Map.of("data", Map.of("pointer", "/a", "exists", "true"))))
        .isEqualTo(new Filter.Data("/a", new DataCondition.Exists(true)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [{"any": [{"exact": {"type": "a"}}, {"prefx": {"type": "b"}}]}] | filters.0.any.1: unknown dialect "prefx": did you mean "prefix"? (one of all, any, data, exact, not, prefix, sql, suffix)
          [{"exact": {"type": "a"}}, {"cesql": "x"}]   | filters.1: unknown dialect "cesql": did you mean "sql"? (one of all, any, data, exact, not, prefix, sql, suffix)
          [{"https://x/y": 1}]                         | filters.0: unknown dialect "https://x/y" (one of all, any, data, exact, not, prefix, sql, suffix)
          [{}]                                         | filters.0: names no dialect (one of all, any, data, exact, not, prefix, sql, suffix)
          [{"exact": {"type": "a"}, "sql": "true"}]    | filters.0: names 2 dialects: make it one filter each
          ["exact"]                                    | filters.0: must be one filter, such as {exact: {type: …}}
          {"exact": {"type": "a"}}                     | filters: must be a list of filters
          [null]                                       | filters.0: must be one filter, such as {exact: {type: …}}
          [{"exact": "type"}]                          | filters.0.exact: must be a mapping of attributes to texts
          [{"exact": {}}]                              | filters.0.exact: names no attribute: at least one is needed
          [{"exact": {"type": null}}]                  | filters.0.exact: type: the value to compare with is empty
          [{"exact": {"type": ["a"]}}]                 | filters.0.exact.type: must be a single value
          [{"exact": {"Type": "a"}}]                   | filters.0.exact: "Type" is no attribute name: lower-case letters and digits
          [{"all": []}]                                | filters.0.all: lists no filter: at least one is needed
          [{"any": {"exact": {"type": "a"}}}]          | filters.0.any: must be a list of filters
          [{"not": [{"exact": {"type": "a"}}]}]        | filters.0.not: must be one filter, such as {exact: {type: …}}
          [{"not": {"sql": "type = "}}]                | filters.0.not.sql: the end where a value belongs (character 8)
          [{"sql": {"a": 1}}]                          | filters.0.sql: must be a single value
          [{"data": {"greaterThan": 1}}]               | filters.0.data: "pointer" is missing
          [{"data": {"pointer": "/a"}}]                | filters.0.data: needs one condition beside the pointer (one of atLeast, atMost, exact, exists, greaterThan, lessThan, prefix, suffix)
          [{"data": {"pointer": "/a", "atLeast": 1, "atMost": 2}}] | filters.0.data: needs one condition beside the pointer (one of atLeast, atMost, exact, exists, greaterThan, lessThan, prefix, suffix)
          [{"data": {"pointer": "/a", "greatrThan": 1}}] | filters.0.data: unknown condition "greatrThan": did you mean "greaterThan"? (one of atLeast, atMost, exact, exists, greaterThan, lessThan, prefix, suffix)
          [{"data": {"pointer": "a", "exact": 1}}]     | filters.0.data.pointer: "a" is no JSON pointer: begin each step with /, write ~ as ~0 and / as ~1
          [{"data": {"pointer": "/a", "exact": ""}}]   | filters.0.data.exact: the value to compare with is empty
          [{"data": {"pointer": "/a", "atLeast": "x"}}] | filters.0.data.atLeast: "x" is no number
          [{"data": {"pointer": "/a", "atLeast": "1e9999"}}] | filters.0.data.atLeast: a number of more than 1000 digits is too long to compare with
          [{"data": {"pointer": "/a", "exists": "yes"}}] | filters.0.data.exists: "yes" is neither true nor false
          """)
  void shouldSayWhatIsWrongAndWhere(String json, String message) {
    assertThatThrownBy(() -> FilterJson.parseAll(tree(json)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void shouldNamePathsInsideASingleFilter() {
    assertThatThrownBy(() -> FilterJson.parse(Map.of("prefx", Map.of())))
        .hasMessageStartingWith("unknown dialect \"prefx\": did you mean \"prefix\"?");
    assertThatThrownBy(() -> FilterJson.parse(Map.of("any", List.of(Map.of("prefx", Map.of())))))
        .hasMessageStartingWith("any.0: unknown dialect");
  }

  @Test
  void shouldBoundFilters() {
    Map<String, Object> exact = Map.of("exact", Map.of("type", "a"));
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 101; i++) {
      many.put("a" + i, "x");
    }
    List<Object> endless = new ArrayList<>();
    endless.add(Map.of("any", endless));
    for (Object hostile :
        List.of(
            nested(exact, 8),
            nested(exact, 100_000),
            Map.of("any", endless),
            Map.of("any", Collections.nCopies(51, exact)),
            Map.of("exact", many),
            Map.of("exact", Map.of("type", "x".repeat(2_001))),
            Map.of("exact", Map.of("t".repeat(1_000_000), "x")),
            Map.of("exact", Map.of(5, "x")),
            Map.of("x".repeat(1_000_000), exact),
            Map.of("sql", "x".repeat(10_001)),
            Map.of("data", Map.of("pointer", "/" + "x".repeat(1_000), "exists", true)),
            Map.of("data", Map.of("pointer", "/a", "atLeast", "9".repeat(101))))) {
      assertThatThrownBy(() -> FilterJson.parse(hostile))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("(?s).{1,500}");
    }
    assertThat(FilterJson.parse(nested(exact, 7))).isNotNull();
    assertThat(FilterJson.parse(Map.of("any", Collections.nCopies(49, exact)))).isNotNull();
  }

  private static Object nested(Object filter, int times) {
    Object tree = filter;
    for (int i = 0; i < times; i++) {
      tree = Map.of("not", tree);
    }
    return tree;
  }
}
