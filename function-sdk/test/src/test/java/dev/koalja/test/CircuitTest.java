package dev.koalja.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.function.Correlate;
import dev.koalja.function.Event;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Key;
import dev.koalja.function.KeyedState;
import dev.koalja.function.Output;
import dev.koalja.function.TerminalException;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of a circuit under test, in memory. */
@KoaljaTest(functions = CircuitTest.Shop.class)
class CircuitTest {
  record Order(@Key String id, int quantity) {}

  record Priced(@Key String id, int total) {}

  record Stock(@Key String id, String shelf) {}

  record Shipment(@Key String id, int total, String shelf) {}

  static class Shop {
    int factor = 2;

    @Function
    @Output("priced")
    Priced price(@Input(value = "order", filter = "type <> 'cancelled'") Order order) {
      if (order.quantity() == 0) {
        throw new TerminalException("nothing is wanted");
      }
      if (order.quantity() < 0) {
        throw new IllegalStateException("broken");
      }
      return new Priced(order.id(), factor * order.quantity());
    }

    @Function(giveUpAfter = "1h")
    @Output("shipment")
    Shipment ship(@Input("priced") Priced priced, @Input("stock") Stock stock) {
      return new Shipment(priced.id(), priced.total(), stock.shelf());
    }

    @Function
    @Output("count")
    int count(@Input("shipment") Shipment shipment, KeyedState<Integer> before) {
      int now = before.get().orElse(0) + 1;
      before.set(now);
      return now;
    }

    @Function(correlate = Correlate.NONE)
    @Output("report")
    String report(@Input(value = "shipment", length = 2, slide = 1) List<Shipment> last) {
      return last.stream().map(Shipment::id).toList().toString();
    }

    @Function
    @Output("flaky")
    int attempts(@Input("try") String text, FunctionContext context) {
      if (context.attempt() < 3) {
        throw new IllegalStateException("not yet: " + text);
      }
      return context.attempt();
    }
  }

  @BeforeEach
  void isTheSameCircuitAsTheTests(Circuit circuit) {
    circuit.send("stock", new Stock("first", "A1"));
  }

  @Test
  void joinsWhatBelongsTogether(Circuit circuit) {
    circuit.send("order", new Order("first", 3));
    circuit.send("order", new Order("second", 1));

    circuit.link("shipment").expect(new Shipment("first", 6, "A1"));
    assertThat(circuit.link("priced").values(Priced.class))
        .containsExactly(new Priced("first", 6), new Priced("second", 2));
    assertThat(circuit.waiting("ship"))
        .singleElement()
        .satisfies(
            waiting -> {
              assertThat(waiting.key()).isEqualTo("second");
              assertThat(waiting.has()).containsEntry("priced", 1).containsEntry("stock", 0);
              assertThat(waiting.misses()).containsExactly("stock");
              assertThat(waiting.since()).isEqualTo(circuit.clock().now());
            });
  }

  @Test
  void givesUpWhenItsTimeIsOver(Circuit circuit) {
    circuit.clock().advance(Duration.ofMinutes(59));
    assertThat(circuit.deadLetters("ship")).isEmpty();

    circuit.clock().advance(Duration.ofMinutes(1));

    assertThat(circuit.deadLetters("ship"))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.input()).isEqualTo("stock");
              assertThat(letter.cause()).contains("waited 1h for priced");
              assertThat(letter.as(Stock.class)).isEqualTo(new Stock("first", "A1"));
            });
    assertThat(circuit.waiting("ship")).isEmpty();
  }

  @Test
  void filtersAndRefuses(Circuit circuit) {
    circuit.send("order", Event.of(new Order("first", 1)).type("cancelled"));
    circuit.send("order", new Order("first", 0));

    circuit.link("priced").expectNothing();
    assertThat(circuit.deadLetters("price"))
        .singleElement()
        .extracting(DeadLetter::cause)
        .asString()
        .contains("nothing is wanted");
    assertThat(circuit.journal())
        .extracting(InvocationRecord::outcome)
        .containsExactly(Outcome.FILTERED, Outcome.DEAD_LETTERED);
  }

  @Test
  void triesAgainWhenItsTimeHasCome(Circuit circuit) {
    circuit.send("try", "\"x\"", "k");
    circuit.link("flaky").expectNothing();

    circuit.clock().advance(Duration.ofSeconds(1));
    circuit.link("flaky").expectNothing();
    circuit.clock().advance(Duration.ofSeconds(2));

    circuit.link("flaky").expect(3);
    InvocationRecord done = circuit.journal().getLast();
    assertThat(done.attempts()).hasSize(3);
    assertThat(Duration.between(begin(done, 0), begin(done, 2))).isEqualTo(Duration.ofSeconds(3));
  }

  private static Instant begin(InvocationRecord record, int attempt) {
    return record.attempts().get(attempt).startedAt();
  }

  @Test
  void remembersAndSlides(Circuit circuit) {
    circuit.send("order", new Order("first", 1));
    for (String id : List.of("second", "first")) {
      circuit.send("order", new Order(id, 1));
      circuit.send("stock", new Stock(id, "B"));
    }

    assertThat(circuit.link("count").values(Integer.class)).containsExactly(1, 1, 2);
    assertThat(circuit.link("report").values(String.class))
        .containsExactly("[first, second]", "[second, first]");
  }

  @Test
  void callsTheObjectsOfTheTest(Circuit circuit) {
    // its first event was sent already
    assertThatThrownBy(() -> circuit.with(new Shop()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("before an event");
  }

  @Test
  void saysWhatIsTheMatter(Circuit circuit) {
    circuit.send("order", new Order("second", 0));

    assertThatThrownBy(() -> circuit.link("shipment").expect(new Shipment("first", 1, "A1")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("link shipment: ")
        .hasMessageContaining("price has a dead letter: ")
        .hasMessageContaining("ship waits with key first for priced");
    assertThatThrownBy(() -> circuit.link("shipmnt"))
        .hasMessageContaining("no link \"shipmnt\": did you mean \"shipment\"?");
    assertThatThrownBy(() -> circuit.waiting("price"))
        .hasMessageContaining("takes events one by one");
  }

  @Test
  void suffersDuplicates(Circuit circuit) {
    circuit.faults().duplicate("order", 1);
    circuit.send("order", new Order("first", 1));

    circuit.link("priced").expect(new Priced("first", 2), new Priced("first", 2));
    // a join takes one of each
    circuit.link("shipment").expect(new Shipment("first", 2, "A1"));
  }

  @Test
  void suffersDelays(Circuit circuit) {
    circuit.faults().delay("priced", 1, Duration.ofMinutes(5));
    circuit.send("order", new Order("first", 1));
    circuit.link("shipment").expectNothing();

    circuit.clock().advance(Duration.ofMinutes(5));

    circuit.link("shipment").expect(new Shipment("first", 2, "A1"));
  }

  @Test
  void suffersAnotherOrderButNotWithinAKey(Circuit circuit) {
    circuit.faults().reorder("order", 3);
    circuit.send("order", new Order("a", 1));
    circuit.send("order", new Order("b", 2));
    circuit.link("priced").expectNothing();
    circuit.send("order", new Order("a", 3));

    assertThat(circuit.link("priced").values(Priced.class))
        .containsExactly(new Priced("a", 2), new Priced("b", 4), new Priced("a", 6));
  }

  @Test
  void suffersFailures(Circuit circuit) {
    circuit.faults().fail("price", 2);
    circuit.send("order", new Order("a", 1));
    circuit.send("order", new Order("b", 2));
    circuit.link("priced").expect(new Priced("a", 2));

    circuit.clock().advance(Duration.ofSeconds(1));

    circuit.link("priced").expect(new Priced("a", 2), new Priced("b", 4));
    assertThat(circuit.journal().getLast().attempts()).hasSize(2);
  }
}
