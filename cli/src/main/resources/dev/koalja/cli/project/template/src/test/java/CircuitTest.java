package @package@;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.test.Circuit;
import dev.koalja.test.DeadLetter;
import dev.koalja.test.KoaljaTest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All functions with their links: in memory, or on what koalja run has started. */
@KoaljaTest
class CircuitTest {
  @Test
  void writesAReceiptForAnOrder(Circuit circuit) {
    circuit.send("order", order("A"));

    circuit.link("receipts").expect("o-1: 19.90 for ann");
    circuit.expectNoDeadLetters();
  }

  @Test
  void givesUpWhatIsNotForSale(Circuit circuit) {
    circuit.send("order", order("Z"));

    circuit.link("receipts").expectNothing();
    assertThat(circuit.deadLetters("price"))
        .singleElement()
        .extracting(DeadLetter::cause)
        .asString()
        .contains("unknown sku Z");
  }

  private static Order order(String sku) {
    return new Order("o-1", "ann", List.of(new Order.Item(sku, 2)));
  }
}
