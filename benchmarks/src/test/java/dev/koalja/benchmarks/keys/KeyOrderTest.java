package dev.koalja.benchmarks.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.benchmarks.kafka.Event;
import org.junit.jupiter.api.Test;

class KeyOrderTest {
  private final KeyOrder order = new KeyOrder(500);

  @Test
  void shouldLetKeysOvertakeEachOtherButNoEventOneOfItsKey() {
    assertThat(numberOf(501)).isEqualTo(501);
    assertThat(numberOf(500)).isEqualTo(500);
    assertThat(numberOf(1001)).isEqualTo(1001);
    assertThatThrownBy(() -> numberOf(1)).hasMessageContaining("result 1 came after 1001");
  }

  @Test
  void shouldKnowTheNumberOfAResultOfAnySize() {
    for (int size : new int[] {9, 100, 10_240}) {
      byte[] data = Event.data(123_456_789, size);
      assertThat(data).hasSize(size);
      assertThat(Event.numberOf(Event.greet(data))).isEqualTo(123_456_789);
    }
  }

  private int numberOf(int event) {
    return order.numberOf(Event.greet(Event.data(event, 100)));
  }
}
