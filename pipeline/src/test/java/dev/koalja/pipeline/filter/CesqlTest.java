package dev.koalja.pipeline.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the suite of the specification leaves out; see {@link CesqlConformanceTest}. */
class CesqlTest {
  private static Cesql.Result evaluate(String expression) {
    return Cesql.parse(expression).evaluate(new EventView(Events.order().build()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          false AND true OR true          | true
          true OR true AND false          | false
          true XOR true OR true           | true
          4-1                             | 3
          4 -1                            | 3
          4--1                            | 5
          4 - - 1                         | 5
          +7                              | 7
          10 - 4 - 3                      | 3
          2 + 3 * 4                       | 14
          -7 / 2                          | -3
          -7 % 2                          | -1
          7 % -2                          | 1
          1 + 1 = 2 AND 3 > 2             | true
          NOT false AND false             | false
          -2147483648                     | -2147483648
          not true or TRUE                | true
          LENGTH('a😀b')                  | 3
          LEFT('😀😀', 1)                  | 😀
          RIGHT('a😀', 1)                  | 😀
          SUBSTRING('😀bc', 2, 1)          | b
          TRIM('\u00a0\u2003x\u3000')     | x
          '😀' LIKE '_'                    | true
          'a\\%' LIKE 'a\\%'              | false
          'abc' LIKE '%%'                 | true
          '' LIKE '%'                     | true
          '' LIKE '_'                     | false
          'aab' LIKE '%ab'                | true
          '.' LIKE '_' AND 'x' LIKE '.'   | false
          TYPE                            | order.created
          priority + 1                    | 6
          priority = '5'                  | true
          test = 'false'                  | true
          token                           | AQID
          time LIKE '2018-%+02:00'        | true
          priority IN (4, '5')            | true
          priority NOT IN (4, '6')        | true
          CONCAT_WS('-', 1, true, 'x')    | 1-true-x
          concat(subject, ':', priority)  | eu-42:5
          BOOL(priority) AND INT(TRUE) = 1| true
          EXISTS subject AND NOT EXISTS no| true
          """)
  void shouldEvaluate(String expression, String value) {
    Cesql.Result result = evaluate(expression);

    assertThat(result.error()).isEmpty();
    assertThat(result.value()).hasToString(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          2147483647 + 1         | MATH                | 12
          -2147483648 / -1       | MATH                | 13
          -(-2147483648)         | MATH                | 1
          65536 * 65536          | MATH                | 7
          '+' + 1                | CAST                | 5
          '2147483648' + 1       | CAST                | 14
          '٣' + 1                | CAST                | 5
          '' + 1                 | CAST                | 4
          'yes' AND true         | CAST                | 7
          'abc' = 5              | CAST                | 7
          'abc' = true           | CAST                | 7
          1 IN ('x', 1)          | CAST                | 3
          NOT type LIKE 'a%'     | CAST                | 1
          true AND no            | MISSING_ATTRIBUTE   | 10
          LENGTH(no)             | MISSING_ATTRIBUTE   | 8
          LENGHT('x')            | MISSING_FUNCTION    | 1
          LENGTH('x', 'y')       | MISSING_FUNCTION    | 1
          SUBSTRING('abc', 1, -1)| FUNCTION_EVALUATION | 1
          """)
  void shouldSayWhatFailedAndWhere(String expression, Cesql.ErrorKind kind, int at) {
    Cesql.Error error = evaluate(expression).error().orElseThrow();

    assertThat(error.kind()).isEqualTo(kind);
    assertThat(error.at()).isEqualTo(at);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
                             | the end where a value belongs (character 1)
          type =             | the end where a value belongs (character 7)
          type == 'x'        | "=" where a value belongs (character 7)
          type = 'x          | the text that begins here has no end (character 8)
          type = 'x\\'       | the text that begins here has no end (character 8)
          'it''s'            | "s" where an operator belongs (character 5)
          (1 = 1             | the end where ")" belongs (character 7)
          1 = 1)             | ")" where an operator belongs (character 6)
          a IN ()            | ")" where a value belongs (character 7)
          a IN 5             | "5" where "(" belongs (character 6)
          a LIKE b           | "b" where a text in quotes belongs (character 8)
          a NOT b            | "NOT" where an operator belongs (character 3)
          EXISTS (a)         | "(" where an attribute belongs (character 8)
          AND true           | "AND" where a value belongs (character 1)
          2147483648         | 2147483648 is no integer of 32 bits (character 1)
          - 2147483648       | 2147483648 is no integer of 32 bits (character 3)
          a_b = 1            | "a_b" is no attribute name: lower-case letters and digits (character 1)
          data = 1           | "data" is no attribute: filter on it with {data: {pointer: /…}} (character 1)
          a # b              | no expression has "#" (character 3)
          f2(1)              | "f2" is no name of a function (character 1)
          a ! b              | no expression has "!" (character 3)
          """)
  void shouldSayWhereItCannotParse(String expression, String message) {
    assertThatThrownBy(() -> Cesql.parse(expression == null ? "" : expression))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void shouldRefuseFiltersThatNeverPass() {
    assertThatThrownBy(() -> new Filter.Sql("LENGHT(subject) > 3"))
        .hasMessage(
            "there is no function LENGHT of 1 arguments: did you mean \"LENGTH\"? (character 1)");
    assertThatThrownBy(() -> new Filter.Sql("priority + 1"))
        .hasMessage("gives a number, and a filter needs true or false");
    assertThatThrownBy(() -> new Filter.Sql("'true'"))
        .hasMessage("gives a text, and a filter needs true or false");
  }

  @Test
  void shouldBoundExpressions() {
    for (String hostile :
        new String[] {
          "(".repeat(5_000),
          "(".repeat(3_000) + "1" + ")".repeat(3_000),
          "NOT ".repeat(2_000) + "true",
          "- ".repeat(4_000) + "1",
          "ABS(".repeat(2_000) + "1" + ")".repeat(2_000),
          "1 IN (".repeat(1_000) + "1" + ")".repeat(1_000),
          "1+".repeat(4_000) + "1",
          "x".repeat(10_001),
          "x".repeat(9_999),
          "9".repeat(9_999),
          "F".repeat(9_000) + "(1) = 1",
        }) {
      assertThatThrownBy(() -> new Filter.Sql(hostile))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("(?s).{1,250}");
    }
    assertThat(new Filter.Sql("1=1 AND ".repeat(500) + "true")).isNotNull();
  }

  @Test
  void shouldMatchAnyPatternInReasonableTime() {
    Filter filter = new Filter.Sql("subject LIKE '" + "%a".repeat(2_000) + "%b'");
    String subject = "a".repeat(20_000);

    Verdict verdict =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () -> filter.evaluate(Events.order().withSubject(subject).build()));

    assertThat(verdict).isInstanceOf(Verdict.Failed.class);
  }

  @Test
  void shouldNotPutTextsTogetherWithoutEnd() {
    String half = "x".repeat(CesqlFunction.MAX_TEXT / 2);
    Cesql.Result result =
        Cesql.parse("CONCAT(subject, subject, '!') = 'y'")
            .evaluate(new EventView(Events.order().withSubject(half).build()));

    assertThat(result.error().orElseThrow().kind()).isEqualTo(Cesql.ErrorKind.FUNCTION_EVALUATION);
  }
}
