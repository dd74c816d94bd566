package dev.koalja.router.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private static final long LINGER = 1000;
  private final Batches<Integer> batches = new Batches<>(4, Duration.ofNanos(LINGER), item -> item);

  private void add(Object partition, int from, int to, long now) {
    IntStream.range(from, to).forEach(item -> batches.add(partition, item, 100, now));
  }

  @Test
  void shouldGoWhenFull() {
    add("a", 0, 3, 0);
    assertThat(batches.take(10, 1000, 0)).isEmpty();
    assertThat(batches.waitFor(0)).isEqualTo(LINGER);
    add("a", 3, 6, 1);
    assertThat(batches.waitFor(1)).isZero();
    assertThat(batches.take(10, 1000, 1)).containsExactly(0, 1, 2, 3);
    assertThat(batches.take(10, 1000, 1)).isEmpty();
    assertThat(batches.waitFor(1)).isEqualTo(LINGER);
  }

  @Test
  void shouldGoWhenItsFirstHasLingered() {
    add("a", 0, 1, 0);
    add("a", 1, 2, 900);
    assertThat(batches.waitFor(900)).isEqualTo(100);
    assertThat(batches.take(10, 1000, 1000)).containsExactly(0, 1);
    assertThat(batches.waitFor(1000)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void shouldNeverMixPartitionsAndServeThemInTurn() {
    add("a", 0, 8, 0);
    add("b", 10, 14, 0);
    assertThat(batches.take(10, 1000, 0)).containsExactly(0, 1, 2, 3);
    assertThat(batches.take(10, 1000, 0)).containsExactly(10, 11, 12, 13);
    assertThat(batches.take(10, 1000, 0)).containsExactly(4, 5, 6, 7);
  }

  @Test
  void shouldTakeNoMoreThanThereIsRoomFor() {
    add("a", 0, 4, 0);
    assertThat(batches.take(1, 1000, 0)).containsExactly(0);
    assertThat(batches.take(2, 1000, LINGER)).containsExactly(1, 2);
  }

  @Test
  void shouldTakeNoMoreBytesThanMayBeButASingleItemOfAnySize() {
    add("a", 10, 18, 0);
    assertThat(batches.take(4, 34, 0)).containsExactly(10, 11, 12);
    assertThat(batches.take(4, 5, 0)).containsExactly(13);
    assertThat(batches.take(4, 0, 0)).containsExactly(14);
  }

  @Test
  void shouldNotWaitWithWhatFailedInALargerBatch() {
    batches.add("a", 1, 2, 0);
    batches.add("a", 2, 2, 0);
    batches.add("a", 3, 2, 0);
    batches.add("a", 4, 1, 0);
    assertThat(batches.take(10, 1000, 0)).containsExactly(1, 2);
    assertThat(batches.take(10, 1000, 0)).containsExactly(3);
    assertThat(batches.take(10, 1000, 0)).containsExactly(4);
  }

  @Test
  void shouldGiveUpWhatIsAnOthersWithoutDelayingTheRest() {
    add("a", 0, 4, 0);
    add("b", 4, 8, 0);
    assertThat(batches.removeIf(item -> item < 4 || item == 6)).containsExactly(0, 1, 2, 3, 6);
    assertThat(batches.waitFor(0)).isEqualTo(LINGER);
    assertThat(batches.take(10, 1000, LINGER)).containsExactly(4, 5, 7);
    assertThat(batches.waitFor(LINGER)).isEqualTo(Long.MAX_VALUE);
  }

  /** Whatever fails as a whole is halved: the poison ends alone, in few calls. */
  @Test
  void shouldFindThePoisonByHalving() {
    Random random = new Random(5);
    for (int round = 0; round < 200; round++) {
      int most = 2 + random.nextInt(500);
      Batches<Integer> queue = new Batches<>(most, Duration.ZERO, _ -> 1);
      int poison = random.nextInt(most);
      Map<Integer, Integer> alone = new HashMap<>();
      List<Integer> done = new ArrayList<>();
      IntStream.range(0, most).forEach(item -> queue.add("a", item, most, 0));
      int calls = 0;
      for (List<Integer> batch = queue.take(most, 1000, 0);
          !batch.isEmpty();
          batch = queue.take(most, 1000, 0)) {
        calls++;
        if (!batch.contains(poison)) {
          done.addAll(batch);
        } else if (batch.size() == 1) {
          alone.merge(poison, 1, Integer::sum);
        } else {
          int fewer = batch.size() / 2;
          batch.forEach(item -> queue.add("a", item, fewer, 0));
        }
      }
      assertThat(alone).containsExactly(Map.entry(poison, 1));
      assertThat(done).hasSize(most - 1).doesNotHaveDuplicates();
      assertThat(calls).isLessThan(4 * (32 - Integer.numberOfLeadingZeros(most)) + 2);
    }
  }
}
