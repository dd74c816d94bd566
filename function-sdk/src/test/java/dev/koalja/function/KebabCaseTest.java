package dev.koalja.function;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KebabCaseTest {
  @ParameterizedTest
  @CsvSource({
    "greet, greet",
    "orderPlaced, order-placed",
    "parseHTTPResponse, parse-http-response",
    "toURL, to-url",
    "price2, price2",
    "order_placed, order-placed",
    "ORDER_PLACED, order-placed",
    "A, a",
    "aB, a-b",
  })
  void joinsWordsByDashes(String identifier, String kebab) {
    assertThat(KebabCase.of(identifier)).isEqualTo(kebab);
  }
}
