package orders;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.function.Event;
import dev.koalja.test.Circuit;
import dev.koalja.test.DeadLetter;
import dev.koalja.test.KoaljaTest;
import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The whole shop; in memory, or with -Dkoalja.test=breadboard on a real broker. */
@KoaljaTest
class ShopCircuitTest {
  private static Order order(String id, String customer, int price) {
    return new Order(id, customer, 1, BigDecimal.valueOf(price));
  }

  @Test
  void shipsWhatWasOrderedAndPaid(Circuit shop) {
    shop.send("order", order("o-1", "ann", 60));
    shop.link("shipment").expectNothing();
    assertThat(shop.waiting("ship"))
        .singleElement()
        .satisfies(each -> assertThat(each.misses()).containsExactly("payment"));

    // the bank knows no keys
    shop.send("payment", new Payment("o-1", "B-7"));

    shop.link("shipment").expect(new Shipment("o-1", "ann", BigDecimal.valueOf(60), "B-7"));
    assertThat(shop.waiting("ship")).isEmpty();
  }

  @Test
  void keepsAnAccountOfEachCustomer(Circuit shop) {
    for (String[] each : new String[][] {{"o-1", "ann"}, {"o-2", "bob"}, {"o-3", "ann"}}) {
      shop.send("order", order(each[0], each[1], 60));
      shop.send("payment", new Payment(each[0], "B"));
    }

    shop.link("account")
        .expect(
            new Account("ann", 1, BigDecimal.valueOf(60)),
            new Account("bob", 1, BigDecimal.valueOf(60)),
            new Account("ann", 2, BigDecimal.valueOf(120)));
  }

  @Test
  void reportsLargeShipmentsOnly(Circuit shop) {
    for (int i = 1; i <= 5; i++) {
      shop.send("order", order("o-" + i, "ann", i == 3 ? 60 : 100 * i));
      shop.send("payment", new Payment("o-" + i, "B"));
    }

    shop.link("report").expect("4 large shipments, 1200 in all, from o-1 to o-5");
  }

  @Test
  void leavesCancelledOrdersAndRefusesEmptyOnes(Circuit shop) {
    shop.send("order", Event.of(order("o-1", "ann", 60)).type("order.cancelled"));
    shop.send("order", new Order("o-2", "ann", 0, BigDecimal.ONE));

    shop.link("priced").expectNothing();
    assertThat(shop.deadLetters("price"))
        .singleElement()
        .extracting(DeadLetter::cause)
        .asString()
        .contains("order o-2 wants nothing");
  }

  @Test
  void triesAgainAfterAFailure(Circuit shop) {
    shop.faults().fail("ship", 1);
    shop.send("order", order("o-1", "ann", 60));
    shop.send("payment", new Payment("o-1", "B-7"));
    shop.link("shipment").expectNothing();

    shop.clock().advance(Duration.ofSeconds(1));

    shop.link("shipment").expect(new Shipment("o-1", "ann", BigDecimal.valueOf(60), "B-7"));
  }

  @Test
  void givesUpWhatIsNotPaidInAnHour(Circuit shop) {
    // faults and long times are for memory only
    shop.faults().delay("payment", 1, Duration.ofHours(2));
    shop.send("order", order("o-1", "ann", 60));
    shop.send("payment", new Payment("o-1", "B-7"));

    shop.clock().advance(Duration.ofHours(1));

    assertThat(shop.deadLetters("ship"))
        .singleElement()
        .extracting(DeadLetter::cause)
        .asString()
        .contains("waited 1h for payment");
  }
}
