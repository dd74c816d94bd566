package orders;

import dev.koalja.function.Correlate;
import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.KeyedState;
import dev.koalja.function.Output;
import dev.koalja.function.TerminalException;
import java.math.BigDecimal;
import java.util.List;

/** Prices orders, ships what was paid, keeps accounts and reports. */
class Shop {
  /** Only orders: what was cancelled travels on the same link and is filtered out. */
  @Function
  @Output("priced")
  Priced price(@Input(value = "order", filter = "type <> 'order.cancelled'") Order order) {
    if (order.quantity() < 1) {
      throw new TerminalException("order %s wants nothing".formatted(order.id()));
    }
    BigDecimal total = order.price().multiply(BigDecimal.valueOf(order.quantity()));
    return new Priced(order.id(), order.customer(), total);
  }

  /**
   * The join: a priced order and its payment, whichever comes first; not paid in an hour, given up.
   */
  @Function(giveUpAfter = "1h")
  @Output("shipment")
  Shipment ship(
      @Input("priced") Priced priced,
      @Input(value = "payment", correlate = "/order") Payment payment) {
    return new Shipment(priced.id(), priced.customer(), priced.total(), payment.reference());
  }

  /** Remembers each customer; what is remembered is kept together with the result. */
  @Function(correlateBy = "/customer")
  @Output("account")
  Account book(@Input("shipment") Shipment shipment, KeyedState<Account> account) {
    Account before = account.get().orElse(new Account(shipment.customer(), 0, BigDecimal.ZERO));
    Account now =
        new Account(shipment.customer(), before.orders() + 1, before.total().add(shipment.total()));
    account.set(now);
    return now;
  }

  /** The last four shipments of all customers, after every second one. */
  @Function(correlate = Correlate.NONE)
  @Output("report")
  String report(@Input(value = "large", length = 4, slide = 2) List<Shipment> last) {
    BigDecimal sum = last.stream().map(Shipment::total).reduce(BigDecimal.ZERO, BigDecimal::add);
    return "%d large shipments, %s in all, from %s to %s"
        .formatted(last.size(), sum, last.getFirst().id(), last.getLast().id());
  }
}
