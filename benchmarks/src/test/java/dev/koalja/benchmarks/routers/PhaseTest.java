package dev.koalja.benchmarks.routers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.benchmarks.load.OpenLoop;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PhaseTest {
  private static final int COUNT = 300;
  private static final int RATE = 100;
  private final OpenLoop load = new OpenLoop(1_000_000_000L, RATE, COUNT * Phase.values().length);

  @Test
  void shouldTakeTheHighestLatencyOfItsOwnEvents() {
    long[] seen =
        IntStream.range(0, load.count()).mapToLong(i -> load.due(i) + 2_000_000).toArray();
    // what is due in the last second before a change may still be under way
    int last = Phase.TWO.ordinal() * COUNT - RATE - 1;
    seen[last] += 40_000_000;
    seen[last + 1] += 7_000_000;
    assertThat(Phase.ONE.highest(load, seen)).isEqualTo(2);
    assertThat(Phase.JOINS.highest(load, seen)).isEqualTo(42);
    assertThat(Phase.TWO.highest(load, seen)).isEqualTo(9);
  }

  @Test
  void shouldCompareAChangeWithTheStateBefore() {
    for (Phase each : Phase.values()) {
      if (each.change().isPresent()) {
        assertThat(each.before().change()).isEmpty();
      }
    }
  }
}
