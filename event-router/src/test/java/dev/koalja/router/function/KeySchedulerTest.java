package dev.koalja.router.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeySchedulerTest {

  @Test
  void shouldRunKeysSideBySideAndEventsOfAKeyOneAfterTheOther() {
    KeyScheduler<String> scheduler = new KeyScheduler<>();
    scheduler.offer("a", "a1");
    scheduler.offer("a", "a2");
    scheduler.offer("b", "b1");
    assertThat(scheduler.next()).hasValue("a1");
    assertThat(scheduler.next()).hasValue("b1");
    assertThat(scheduler.next()).isEmpty();
    scheduler.finished("a");
    assertThat(scheduler.next()).hasValue("a2");
  }

  @Test
  void shouldKeepTheKeyBlockedWhileAnEventWaitsForAnotherAttempt() {
    KeyScheduler<String> scheduler = new KeyScheduler<>();
    scheduler.offer("a", "a1");
    scheduler.offer("a", "a2");
    scheduler.next();
    assertThat(scheduler.hasReady()).isFalse();
    scheduler.again("a", "a1");
    assertThat(scheduler.next()).hasValue("a1");
    assertThat(scheduler.hasReady()).isFalse();
  }

  @Test
  void shouldKeepOrderPerKeyOverRandomSchedules() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      KeyScheduler<int[]> scheduler = new KeyScheduler<>();
      Map<Integer, Integer> offered = new HashMap<>();
      Map<Integer, Integer> done = new HashMap<>();
      List<int[]> running = new ArrayList<>();
      Set<Integer> busy = new HashSet<>();
      int total = 0;
      while (total < 500 || !running.isEmpty() || scheduler.hasReady()) {
        int dice = random.nextInt(4);
        if (dice == 0 && total < 500) {
          int key = random.nextInt(7);
          scheduler.offer(key, new int[] {key, offered.merge(key, 1, Integer::sum)});
          total++;
        } else if (dice == 1 && scheduler.hasReady()) {
          int[] item = scheduler.next().orElseThrow();
          assertThat(busy.add(item[0])).as("seed %d: key %d twice", seed, item[0]).isTrue();
          assertThat(item[1]).as("seed %d", seed).isEqualTo(done.getOrDefault(item[0], 0) + 1);
          running.add(item);
        } else if (!running.isEmpty()) {
          int[] item = running.remove(random.nextInt(running.size()));
          busy.remove(item[0]);
          if (dice == 2) {
            scheduler.again(item[0], item);
          } else {
            done.put(item[0], item[1]);
            scheduler.finished(item[0]);
          }
        }
      }
      assertThat(done).isEqualTo(offered);
    }
  }
}
