package orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.function.KeyedState;
import dev.koalja.function.TerminalException;
import dev.koalja.test.FunctionTester;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShopTest {
  private final FunctionTester shop = FunctionTester.of(new Shop());

  private static BigDecimal money(String amount) {
    return new BigDecimal(amount);
  }

  @Test
  void pricesAnOrder() throws Exception {
    assertThat(
            shop.call("price", new Order("o-1", "ann", 3, money("19.90"))).only().as(Priced.class))
        .isEqualTo(new Priced("o-1", "ann", money("59.70")));
  }

  @Test
  void refusesAnOrderOfNothing() {
    assertThatThrownBy(() -> shop.call("price", new Order("o-1", "ann", 0, money("1"))))
        .isInstanceOf(TerminalException.class)
        .hasMessage("order o-1 wants nothing");
  }

  @Test
  void shipsWhatWasPaid() throws Exception {
    var shipment =
        shop.with("priced", new Priced("o-1", "ann", money("59.70")))
            .with("payment", new Payment("o-1", "B-7"))
            .call("ship")
            .only();

    assertThat(shipment.as(Shipment.class))
        .isEqualTo(new Shipment("o-1", "ann", money("59.70"), "B-7"));
    assertThat(shipment.key()).hasValue("o-1");
  }

  @Test
  void remembersACustomer() throws Exception {
    KeyedState<Account> account = KeyedState.of(new Account("ann", 2, money("10")));

    shop.with(account).call("book", new Shipment("o-1", "ann", money("5"), "B-7"));

    assertThat(account.get()).hasValue(new Account("ann", 3, money("15")));
  }

  @Test
  void reportsTheLastFour() throws Exception {
    List<Shipment> four =
        List.of(
            new Shipment("o-1", "ann", money("100"), "B-1"),
            new Shipment("o-2", "bob", money("200"), "B-2"),
            new Shipment("o-3", "ann", money("300"), "B-3"),
            new Shipment("o-4", "eve", money("400"), "B-4"));

    assertThat(shop.call("report", four).only().as(String.class))
        .isEqualTo("4 large shipments, 1000 in all, from o-1 to o-4");
  }
}
