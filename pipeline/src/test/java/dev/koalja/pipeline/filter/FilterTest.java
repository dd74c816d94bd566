package dev.koalja.pipeline.filter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import java.math.BigDecimal;
import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterTest {
  private static final Filter PASSES = new Filter.Exact(Map.of("type", "order.created"));
  private static final Filter FAILS = new Filter.Exact(Map.of("type", "order.cancelled"));
  private static final Filter CANNOT = new Filter.Sql("absent = 'x'");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          exact  | type     | order.created               | passed
          exact  | type     | order.cancelled             | type = "order.cancelled" did not hold: type was "order.created"
          exact  | type     | Order.created               | type = "Order.created" did not hold: type was "order.created"
          exact  | source   | https://shop.example/orders | passed
          exact  | time     | 2018-04-26T14:48:00+02:00   | passed
          exact  | time     | 2018-04-26T12:48:00Z        | time = "2018-04-26T12:48:00Z" did not hold: time was "2018-04-26T14:48:00+02:00"
          exact  | priority | 5                           | passed
          exact  | test     | false                       | passed
          exact  | token    | AQID                        | passed
          exact  | absent   | x                           | absent = "x" did not hold: absent is absent
          exact  | specversion | 1.0                      | passed
          prefix | type     | order.                      | passed
          prefix | type     | created                     | type begins with "created" did not hold: type was "order.created"
          prefix | absent   | x                           | absent begins with "x" did not hold: absent is absent
          prefix | time     | 2018-04-26T                 | passed
          suffix | type     | .created                    | passed
          suffix | type     | order.                      | type ends with "order." did not hold: type was "order.created"
          suffix | subject  | 42                          | passed
          suffix | dataschema | x                         | dataschema ends with "x" did not hold: dataschema is absent
          """)
  void shouldCompareAttributes(String dialect, String attribute, String value, String verdict) {
    Filter filter = FilterJson.parse(Map.of(dialect, Map.of(attribute, value)));

    assertThat(filter.evaluate(Events.order().build()).text()).isEqualTo(verdict);
  }

  @Test
  void shouldNameTheFirstAttributeThatDiffers() {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("type", "order.created");
    attributes.put("subject", "us-1");
    attributes.put("id", "o-2");

    assertThat(new Filter.Exact(attributes).evaluate(Events.order().build()))
        .isEqualTo(new Verdict.Failed("subject = \"us-1\"", "subject was \"eu-42\""));
  }

  @Test
  void shouldCombineVerdicts() {
    record Case(Filter filter, String verdict) {}
    String failed = "type = \"order.cancelled\" did not hold: type was \"order.created\"";
    String error = "sql absent = 'x' could not be evaluated: absent is absent (character 1)";
    for (Case each :
        List.of(
            new Case(new Filter.All(List.of(PASSES, PASSES)), "passed"),
            new Case(new Filter.All(List.of(PASSES, FAILS)), failed),
            new Case(new Filter.All(List.of(PASSES, CANNOT, FAILS)), error),
            new Case(new Filter.All(List.of(FAILS, CANNOT)), failed),
            new Case(new Filter.Any(List.of(FAILS, PASSES)), "passed"),
            new Case(new Filter.Any(List.of(CANNOT, PASSES)), "passed"),
            new Case(new Filter.Any(List.of(FAILS, CANNOT)), error),
            new Case(
                new Filter.Any(List.of(FAILS, new Filter.Prefix(Map.of("subject", "us-")))),
                "any of (type = \"order.cancelled\"; subject begins with \"us-\") did not hold:"
                    + " type was \"order.created\"; subject was \"eu-42\""),
            new Case(new Filter.Not(FAILS), "passed"),
            new Case(
                new Filter.Not(PASSES),
                "not (type = \"order.created\") did not hold: what it negates holds"),
            new Case(new Filter.Not(CANNOT), error),
            new Case(new Filter.Not(new Filter.Any(List.of(CANNOT, FAILS))), error),
            new Case(new Filter.Not(new Filter.Not(PASSES)), "passed"))) {
      assertThat(each.filter().evaluate(Events.order().build()).text())
          .as(each.filter().toString())
          .isEqualTo(each.verdict());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          type = 'order.created'               | passed
          priority > 3 AND NOT test            | passed
          subject LIKE 'us-%'                  | sql subject LIKE 'us-%' did not hold: subject was "eu-42"
          type = 'a' OR absent2 = 'b'          | sql type = 'a' OR absent2 = 'b' could not be evaluated: absent2 is absent (character 15)
          EXISTS absent2                       | sql EXISTS absent2 did not hold: absent2 is absent
          1 = 2                                | sql 1 = 2 did not hold: it never does
          test                                 | sql test did not hold: test was "false"
          priority                             | sql priority could not be evaluated: its result is "5", neither true nor false
          subject > 3                          | sql subject > 3 could not be evaluated: "eu-42" is no integer (character 9)
          10 / (priority - 5) = 1              | sql 10 / (priority - 5) = 1 could not be evaluated: division by zero (character 4)
          """)
  void shouldEvaluateSql(String expression, String verdict) {
    assertThat(new Filter.Sql(expression).evaluate(Events.order().build()).text())
        .isEqualTo(verdict);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /total       | greaterThan | 100     | passed
          /total       | greaterThan | 150.50  | data /total > 150.5 did not hold: /total was 150.5
          /total       | atLeast     | 150.50  | passed
          /total       | lessThan    | 151     | passed
          /total       | atMost      | 150     | data /total <= 150 did not hold: /total was 150.5
          /total       | exact       | 150.500 | passed
          /total       | exact       | x       | data /total = "x" did not hold: /total was 150.5
          /total       | prefix      | 15      | data /total begins with "15" did not hold: /total was 150.5
          /currency    | exact       | EUR     | passed
          /currency    | exact       | eur     | data /currency = "eur" did not hold: /currency was "EUR"
          /currency    | prefix      | EU      | passed
          /currency    | suffix      | R       | passed
          /currency    | greaterThan | 1       | data /currency > 1 did not hold: /currency was "EUR"
          /paid        | exact       | true    | passed
          /paid        | exact       | TRUE    | data /paid = "TRUE" did not hold: /paid was true
          /note        | exists      | true    | passed
          /note        | exact       | null    | data /note = "null" did not hold: /note was null
          /none        | exists      | true    | data /none exists did not hold: /none is absent
          /none        | exists      | false   | passed
          /none        | exact       | x       | data /none = "x" did not hold: /none is absent
          /items       | exact       | x       | data /items = "x" did not hold: /items was a list
          /items/1/sku | exact       | b       | passed
          /items/2/sku | exact       | b       | data /items/2/sku = "b" did not hold: /items/2/sku is absent
          /items/01    | exists      | true    | data /items/01 exists did not hold: /items/01 is absent
          /items/-     | exists      | true    | data /items/- exists did not hold: /items/- is absent
          /items/0     | exact       | x       | data /items/0 = "x" did not hold: /items/0 was an object
          /a~1b        | exact       | slash   | passed
          /m~0n        | exact       | tilde   | passed
          /            | exact       | empty   | passed
          /big         | exact       | 12345678901234567890123 | passed
          /tiny        | greaterThan | 0       | passed
          """)
  void shouldLookIntoData(String pointer, String condition, String value, String verdict) {
    CloudEvent event =
        Events.json(
                """
                {"total": 150.5, "currency": "EUR", "paid": true, "note": null,
                 "items": [{"sku": "a"}, {"sku": "b"}], "a/b": "slash", "m~n": "tilde", "": "empty",
                 "big": 12345678901234567890123, "tiny": 1e-400}
                """)
            .build();
    Filter filter = FilterJson.parse(Map.of("data", Map.of("pointer", pointer, condition, value)));

    assertThat(filter.evaluate(event).text()).isEqualTo(verdict);
  }

  @Test
  void shouldTakeTheEmptyPointerForTheWhole() {
    Filter filter =
        new Filter.Data(
            "", new DataCondition.Compare(DataCondition.Comparison.AT_LEAST, new BigDecimal("5")));

    assertThat(filter.evaluate(Events.json("7").build()).passed()).isTrue();
    assertThat(filter.evaluate(Events.json("4").build()).text())
        .isEqualTo("data >= 5 did not hold: the data was 4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          application/json                | {"a": 1}  | true
          application/json; charset=utf-8 | {"a": 1}  | true
          application/vnd.github+json     | {"a": 1}  | true
          text/json                       | {"a": 1}  | true
                                          | {"a": 1}  | true
          text/plain                      | {"a": 1}  | false
          application/jsonx               | {"a": 1}  | false
          application/json                | {"a": 1   | false
          application/json                | {"a": 1} x| false
          application/json                | hello     | false
          application/json                |           | false
          """)
  void shouldFailOnDataThatIsNotJson(String type, String data, boolean passes) {
    byte[] bytes = data == null ? new byte[0] : data.getBytes(UTF_8);
    CloudEvent event =
        type == null
            ? Events.order().withData(bytes).build()
            : Events.order().withData(type, bytes).build();
    Verdict verdict = new Filter.Data("/a", new DataCondition.Exists(true)).evaluate(event);

    assertThat(verdict.passed()).isEqualTo(passes);
    assertThat(verdict).isNotInstanceOf(Verdict.Error.class);
  }

  @Test
  void shouldNotLookAtDataBeyondBounds() {
    Filter filter = new Filter.Data("/a", new DataCondition.Exists(true));
    String large = "{\"a\": \"" + "x".repeat(EventView.MAX_DATA_BYTES) + "\"}";
    String deep = "[".repeat(100_000);
    for (CloudEvent event :
        List.of(
            Events.json(large).build(),
            Events.json(deep).build(),
            Events.json("{\"a\": " + "9".repeat(100_000) + "}").build(),
            Events.order().withExtension("dataref", URI.create("s3://x/y")).build())) {
      assertThat(filter.evaluate(event)).isInstanceOf(Verdict.Error.class);
      assertThat(new Filter.Not(filter).evaluate(event)).isInstanceOf(Verdict.Error.class);
    }
  }

  @Test
  void shouldSurviveAnyNumberInData() {
    Filter filter = FilterJson.parse(Map.of("data", Map.of("pointer", "/a", "atLeast", "1")));
    Filter exact = FilterJson.parse(Map.of("data", Map.of("pointer", "/a", "exact", "1")));
    for (String number :
        List.of(
            "1e2147483647",
            "10e2147483647",
            "1e-2147483647",
            "-1e99999999999",
            "1e999999999",
            "-0",
            "1E400")) {
      CloudEvent event = Events.json("{\"a\": " + number + "}").build();
      assertThat(filter.evaluate(event).text()).hasSizeLessThan(300);
      assertThat(exact.evaluate(event).passed()).isFalse();
    }
  }

  @Test
  void shouldParseDataOnceForAllFilters() {
    AtomicInteger reads = new AtomicInteger();
    CloudEventData data =
        () -> {
          reads.incrementAndGet();
          return "{\"a\": 1}".getBytes(UTF_8);
        };
    CloudEvent event = Events.order().withData("application/json", data).build();
    Filter filter = new Filter.Data("/a", new DataCondition.Exact("1"));

    assertThat(
            Filters.evaluate(
                List.of(filter, filter, new Filter.Not(new Filter.Not(filter))), event))
        .isEqualTo(Verdict.PASSED);
    assertThat(reads).hasValue(1);
  }

  @Test
  void shouldPassWithoutFilters() {
    assertThat(Filters.evaluate(List.of(), Events.order().build()).passed()).isTrue();
    assertThat(Filters.evaluate(List.of(PASSES, FAILS), Events.order().build()).passed()).isFalse();
  }

  @Test
  void shouldCutWhatVerdictsQuote() {
    CloudEvent event =
        Events.order().withType("\"\n😀".repeat(10_000)).withSubject("x".repeat(99) + "😀").build();

    assertThat(FAILS.evaluate(event).text()).hasSizeLessThan(400).contains("\\\"\\u000a😀");
    assertThat(new Filter.Exact(Map.of("subject", "y")).evaluate(event).text()).endsWith("x…\"");
    assertThat(new Filter.Sql("type = '" + "y".repeat(9_000) + "'").evaluate(event).text())
        .hasSizeLessThan(1_100);
  }

  @Test
  void shouldBeEqualWhenSayingTheSame() {
    assertThat(new Filter.Sql("a = 1")).isEqualTo(new Filter.Sql("a = 1"));
    assertThat(new Filter.Sql("a = 1")).hasSameHashCodeAs(new Filter.Sql("a = 1"));
    assertThat(new Filter.Sql("a = 1")).isNotEqualTo(new Filter.Sql("a  = 1"));
    assertThat(data("5")).isEqualTo(data("5.0")).hasSameHashCodeAs(data("5.0"));
    assertThat(data("5")).isNotEqualTo(data("6"));
    assertThat(new Filter.Any(List.of(PASSES, new Filter.Not(FAILS))))
        .isEqualTo(new Filter.Any(List.of(PASSES, new Filter.Not(FAILS))))
        .isNotEqualTo(new Filter.Any(List.of(PASSES, FAILS)));
    assertThat(new Filter.Exact(Map.of("type", "x")))
        .isNotEqualTo(new Filter.Prefix(Map.of("type", "x")));
  }

  private static Filter data(String number) {
    return new Filter.Data(
        "/a",
        new DataCondition.Compare(DataCondition.Comparison.GREATER_THAN, new BigDecimal(number)));
  }

  @Test
  void shouldCopyWhatItIsMadeFrom() {
    Map<String, String> attributes = new HashMap<>(Map.of("type", "order.created"));
    Filter filter = new Filter.Exact(attributes);
    attributes.put("subject", "other");

    assertThat(filter.evaluate(Events.order().build()).passed()).isTrue();
  }

  @Test
  void shouldRefuseWhatMakesNoSense() {
    assertThatThrownBy(() -> new Filter.Exact(Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Filter.Prefix(Map.of("type", "")))
        .hasMessageContaining("type: the value");
    assertThatThrownBy(() -> new Filter.Suffix(Map.of("Type", "x")))
        .hasMessageContaining("\"Type\" is no attribute name");
    assertThatThrownBy(() -> new Filter.Exact(Map.of("data", "x"))).hasMessageContaining("pointer");
    assertThatThrownBy(() -> new Filter.All(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    for (String pointer : List.of("total", "/a~2", "/a~", "#/a")) {
      assertThatThrownBy(() -> new Filter.Data(pointer, new DataCondition.Exists(true)))
          .hasMessageContaining("is no JSON pointer");
    }
    assertThatThrownBy(() -> data("1e5000")).isInstanceOf(IllegalArgumentException.class);
  }
}
