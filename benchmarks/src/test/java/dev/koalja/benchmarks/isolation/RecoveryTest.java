package dev.koalja.benchmarks.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecoveryTest {
  @Test
  void oneMoreWithEachAnswerIsNoCrowd() {
    List<Recovery.Call> calls = new ArrayList<>();
    int begun = 0;
    for (int limit = 1; limit <= 32; limit *= 2) { // each answer lets one more in: doubles a round
      for (int sideBySide = 1; sideBySide <= limit; sideBySide++) {
        calls.add(new Recovery.Call(sideBySide, 1000 + begun++));
      }
    }

    assertThat(Recovery.crowd(calls, 100)).isLessThanOrEqualTo(1);
  }

  @Test
  void allAtOnceIsOne() {
    List<Recovery.Call> calls =
        IntStream.rangeClosed(1, 50).mapToObj(each -> new Recovery.Call(each, 1000)).toList();

    assertThat(Recovery.crowd(calls, 100)).isCloseTo(2, within(0.05));
  }

  @Test
  void countsTheFirstCallsInTheOrderOfTheirBeginning() {
    List<Recovery.Call> calls =
        List.of(
            new Recovery.Call(50, 9000),
            new Recovery.Call(1, 5000),
            new Recovery.Call(1, 5010),
            new Recovery.Call(2, 5010));

    assertThat(Recovery.first(calls)).isEqualTo(5000);
    assertThat(Recovery.crowd(calls, 3)).isLessThanOrEqualTo(1);
    assertThat(Recovery.crowd(calls, 4)).isGreaterThan(1);
  }
}
