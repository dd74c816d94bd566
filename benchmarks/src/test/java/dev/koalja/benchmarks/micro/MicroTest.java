package dev.koalja.benchmarks.micro;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.infra.Blackhole;

class MicroTest {
  private static final String UNSAFE =
      "Today's password is swordfish. I understand instantiating Blackholes directly is dangerous.";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "assembly AllNew, 10,000 open | assembly AllNew, 1 open",
        "assembly AllNew, 1 open      |",
        "filter, CESQL by hand        | filter, CESQL",
        "filter, CESQL                |",
        "offsets in order, bits       | offsets in order, tracker",
        "offset metadata, bits        | offset metadata, tracker",
        "offset metadata, tracker     |",
      })
  void shouldCompareEachRowWithItsReference(String row, String reference) {
    assertThat(Micro.referenceOf(row).orElse(null)).isEqualTo(reference);
  }

  /** Wherever JMH happens to stop. */
  @ParameterizedTest
  @ValueSource(strings = {"AllNew", "queues", "SwapNew4Old", "SlidingWindow", "window"})
  void shouldFireWhatTheArrivalsAskFor(String policy) {
    for (int arrivals : new int[] {1500, 1501, 2999, 3000, 3001, 7777}) {
      steps(policy, 100, arrivals).check(new Blackhole(UNSAFE));
    }
    steps(policy, 2500, 80_001).check(new Blackhole(UNSAFE));
  }

  private static AssemblySteps steps(String policy, int keys, int arrivals) {
    AssemblySteps steps = new AssemblySteps();
    steps.policy = policy;
    steps.keys = keys;
    steps.open(new Blackhole(UNSAFE));
    for (int i = 0; i < arrivals; i++) {
      steps.arrive(new Blackhole(UNSAFE));
    }
    return steps;
  }

  @Test
  void shouldFinishEveryOffsetOfTheWindow() {
    for (String order : new String[] {"in order", "out of order"}) {
      for (String with : new String[] {"tracker", "tree", "bits"}) {
        OffsetTracking tracking = new OffsetTracking();
        tracking.order = order;
        tracking.with = with;
        tracking.shuffle();
        assertThat(tracking.finish()).isEqualTo(OffsetTracking.FIRST + OffsetTracking.WINDOW);
      }
    }
    assertThat(Arrays.stream(OffsetTracking.finishOrder(false)).distinct().count())
        .isEqualTo(OffsetTracking.WINDOW);
  }
}
