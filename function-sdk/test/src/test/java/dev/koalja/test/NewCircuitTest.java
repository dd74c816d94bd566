package dev.koalja.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.test.CircuitTest.Order;
import dev.koalja.test.CircuitTest.Priced;
import dev.koalja.test.CircuitTest.Shop;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A circuit before its first event. */
@KoaljaTest(functions = Shop.class)
class NewCircuitTest {
  @Test
  void callsTheObjectsOfTheTest(Circuit circuit) {
    Shop shop = new Shop();
    shop.factor = 10;

    circuit.with(shop).send("order", new Order("first", 3));

    circuit.link("priced").expect(new Priced("first", 30));
  }

  @Test
  void refusesObjectsThatAreNoneOfItsFunctions(Circuit circuit) {
    assertThatThrownBy(() -> circuit.with("text"))
        .hasMessage("java.lang.String has no function of the circuit");
  }

  @Test
  void takesCapturedEvents(Circuit circuit) {
    Fixtures.events("captured/order.json").forEach(event -> circuit.send("order", event));

    circuit.link("priced").expect(new Priced("first", 6));
    assertThatThrownBy(circuit::expectNoDeadLetters)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("price has a dead letter: ")
        .hasMessageContaining("nothing is wanted");
    assertThatThrownBy(() -> Fixtures.events("captured/none.json"))
        .hasMessage("the tests have no resource captured/none.json");
  }

  @Test
  void beginsWithNothing(Circuit circuit) {
    assertThat(circuit.journal()).isEmpty();
    assertThat(circuit.waiting("ship")).isEmpty();
    assertThat(circuit.clock().now()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
  }
}
