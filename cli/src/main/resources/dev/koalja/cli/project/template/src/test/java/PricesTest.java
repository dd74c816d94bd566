package @package@;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.function.TerminalException;
import dev.koalja.test.FunctionTester;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

class PricesTest {
  private final FunctionTester prices = FunctionTester.of(new Prices());

  @Test
  void addsUpAnOrder() throws Exception {
    var priced = prices.call("price", order("A", 2)).only();

    assertThat(priced.link()).isEqualTo("priced");
    assertThat(priced.key()).contains("ann");
    assertThat(priced.as(Priced.class))
        .isEqualTo(new Priced("o-1", "ann", new BigDecimal("19.90")));
  }

  @Test
  void refusesWhatIsNotForSale() {
    assertThatThrownBy(() -> prices.call("price", order("Z", 1)))
        .isInstanceOf(TerminalException.class)
        .hasMessage("unknown sku Z");
  }

  private static Order order(String sku, int qty) {
    return new Order("o-1", "ann", List.of(new Order.Item(sku, qty)));
  }
}
