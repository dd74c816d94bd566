package dev.koalja.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Key;
import dev.koalja.function.Output;
import dev.koalja.function.TerminalException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A function that takes batches, in memory: who goes with whom. */
@KoaljaTest(functions = BatchCircuitTest.Table.class)
class BatchCircuitTest {
  record Row(@Key String id) {}

  static class Table {
    final List<List<String>> calls = new ArrayList<>();

    @Function(batch = 4, linger = "1m")
    @Output("stored")
    int store(@Input("row") List<Row> rows, FunctionContext context) {
      List<String> ids = rows.stream().map(Row::id).toList();
      calls.add(ids);
      if (ids.contains("poison")) {
        throw new TerminalException("poison");
      }
      for (int i = 0; i < ids.size(); i++) {
        if (ids.get(i).equals("busy") && context.attempt() == 1) {
          context.fail(i, new IllegalStateException("busy"));
        }
      }
      return ids.size();
    }
  }

  private final Table table = new Table();

  @BeforeEach
  void callsTheTableOfTheTest(Circuit circuit) {
    circuit.with(table);
  }

  private static void send(Circuit circuit, String... ids) {
    for (String id : ids) {
      circuit.send("row", new Row(id));
    }
  }

  @Test
  void waitsForOthersUntilItIsFullOrHasLingered(Circuit circuit) {
    send(circuit, "a", "b", "c");
    assertThat(table.calls).isEmpty();
    send(circuit, "d");
    assertThat(table.calls).containsExactly(List.of("a", "b", "c", "d"));

    send(circuit, "e");
    circuit.clock().advance(Duration.ofSeconds(59));
    assertThat(table.calls).hasSize(1);
    circuit.clock().advance(Duration.ofSeconds(1));

    assertThat(table.calls).hasSize(2).last().isEqualTo(List.of("e"));
    circuit.link("stored").expect(4, 1);
  }

  @Test
  void goesInHalvesUntilTheOneThatFailsIsAlone(Circuit circuit) {
    send(circuit, "a", "b", "c", "poison");

    assertThat(table.calls)
        .containsExactly(
            List.of("a", "b", "c", "poison"),
            List.of("a", "b"),
            List.of("c", "poison"),
            List.of("c"),
            List.of("poison"));
    circuit.link("stored").expect(2, 1);
    assertThat(circuit.deadLetters("store"))
        .singleElement()
        .extracting(DeadLetter::cause)
        .asString()
        .contains("poison");
  }

  @Test
  void triesAgainAloneWhatFailedAlone(Circuit circuit) {
    send(circuit, "a", "busy", "c", "d");
    assertThat(table.calls).hasSize(1);

    circuit.clock().advance(Duration.ofSeconds(1));

    assertThat(table.calls).hasSize(2).last().isEqualTo(List.of("busy"));
    circuit.expectNoDeadLetters();
  }
}
