package @package@;

import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.Output;
import dev.koalja.function.TerminalException;
import java.math.BigDecimal;
import java.util.Map;

/** Prices orders and writes receipts. */
class Prices {
  private static final Map<String, BigDecimal> PRICES =
      Map.of("A", new BigDecimal("9.95"), "B", new BigDecimal("24.00"));

  /** One order in, one priced order out. What is not for sale is not tried again. */
  @Function
  @Output("priced")
  Priced price(@Input("order") Order order) {
    BigDecimal total = BigDecimal.ZERO;
    for (Order.Item item : order.items()) {
      BigDecimal price = PRICES.get(item.sku());
      if (price == null) {
        throw new TerminalException("unknown sku " + item.sku());
      }
      total = total.add(price.multiply(BigDecimal.valueOf(item.qty())));
    }
    return new Priced(order.id(), order.customer(), total);
  }

  @Function
  @Output("receipts")
  String receipt(@Input("priced") Priced priced) {
    return "%s: %s for %s".formatted(priced.id(), priced.total(), priced.customer());
  }
}
