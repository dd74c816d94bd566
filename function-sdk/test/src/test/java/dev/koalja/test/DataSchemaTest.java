package dev.koalja.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.function.Event;
import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.Output;
import io.cloudevents.CloudEvent;
import java.net.URI;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Results in memory name the schema of their data as those of a running app do. */
@KoaljaTest(functions = DataSchemaTest.Shop.class)
class DataSchemaTest {
  record Order(String id, int quantity) {}

  static class Shop {
    @Function
    @Output("doubled")
    Order twice(@Input("order") Order order) {
      return new Order(order.id(), 2 * order.quantity());
    }

    @Function
    @Output("chosen")
    Event<Order> choose(@Input("order") Order order) {
      return Event.of(order).schema(URI.create("https://example.com/order.json"));
    }

    @Function
    @Output("text")
    String text(@Input("order") Order order) {
      return order.id();
    }
  }

  @Test
  void isThatOfThePipelineFileUnlessTheFunctionSaysOtherwise(Circuit circuit) {
    circuit.send("order", new Order("o", 1));

    assertThat(schema(circuit, "doubled"))
        .matches("urn:koalja:schema:dev\\.koalja\\.test\\.DataSchemaTest\\.Order:[0-9a-f]{16}");
    assertThat(schema(circuit, "chosen")).isEqualTo("https://example.com/order.json");
    assertThat(circuit.link("text").events()).singleElement().matches(DataSchemaTest::hasNone);
  }

  private static boolean hasNone(CloudEvent event) {
    return event.getDataSchema() == null;
  }

  private static String schema(Circuit circuit, String link) {
    CloudEvent event = circuit.link(link).events().getFirst();
    return Objects.toString(event.getDataSchema());
  }
}
