package dev.koalja.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.soak.Plan.Fault;
import dev.koalja.soak.Plan.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {
  private static final List<String> LINKS = List.of("left", "right");

  private static Plan plan(long seed, int round) {
    return Plan.of(seed, round, LINKS, 200, 3, true);
  }

  @Test
  void shouldMakeTheSamePlanOfTheSameSeed() {
    assertThat(plan(4711, 3)).isEqualTo(plan(4711, 3));
    // on every machine and with every later JDK
    assertThat(plan(4711, 3).digest()).isEqualTo("48dd77f35e83a81d");
  }

  @Test
  void shouldMakeAnotherPlanForEachRoundAndSeed() {
    assertThat(List.of(plan(1, 1).digest(), plan(1, 2).digest(), plan(2, 1).digest()))
        .doesNotHaveDuplicates();
  }

  @Test
  void shouldGiveEveryEventAnIdOfItsOwn() {
    assertThat(plan(1, 1).events()).extracting(Plan.Event::id).hasSize(400).doesNotHaveDuplicates();
  }

  @Test
  void shouldKillEverythingInEveryRound() {
    for (int round = 1; round <= 50; round++) {
      assertThat(plan(1, round).faults())
          .extracting(Fault::kind)
          .contains(Kind.KILL_ROUTER, Kind.KILL_FUNCTIONS, Kind.KILL_BROKER, Kind.LEAVE_ROUTER);
    }
  }

  @Test
  void shouldLeaveTheRouterAloneThatIsAway() {
    for (int round = 1; round <= 50; round++) {
      List<Fault> faults = plan(1, round).faults();
      int away = faults.getFirst().slot();
      assertThat(faults.subList(1, faults.size())).noneMatch(fault -> fault.slot() == away);
    }
  }
}
