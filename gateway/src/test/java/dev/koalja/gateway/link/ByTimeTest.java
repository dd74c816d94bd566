package dev.koalja.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByTimeTest {
  private static final TopicPartition A = new TopicPartition("t", 0);
  private static final TopicPartition B = new TopicPartition("t", 1);

  private final ByTime byTime = new ByTime(5000);

  private List<Long> times(Set<TopicPartition> unfinished) {
    List<Long> times = new ArrayList<>();
    Optional<ConsumerRecord<byte[], byte[]>> next;
    while ((next = byTime.next(unfinished)).isPresent()) {
      times.add(next.get().timestamp());
    }
    return times;
  }

  @Test
  void shouldHandOnWhatNothingOlderCanComeBefore() {
    byTime.add(NewestTest.record(0, 0, 10));
    byTime.add(NewestTest.record(0, 1, 30));
    assertThat(times(Set.of(A, B))).isEmpty();

    byTime.add(NewestTest.record(1, 0, 20));
    assertThat(times(Set.of(A, B))).containsExactly(10L, 20L);
    assertThat(times(Set.of(A))).containsExactly(30L);
    assertThat(times(Set.of())).isEmpty();
  }

  @Test
  void shouldKeepTheOrderOfAPartitionWhateverItsTimesAre() {
    byTime.add(NewestTest.record(0, 0, 50));
    byTime.add(NewestTest.record(0, 1, 10));
    byTime.add(NewestTest.record(1, 0, 40));
    assertThat(times(Set.of())).containsExactly(40L, 50L, 10L);
  }

  @Test
  void shouldSayOfWhichPartitionsEnoughWaits() {
    for (int i = 0; i < 4; i++) {
      byTime.add(NewestTest.record(0, i, i));
      byTime.add(NewestTest.record(1, i, i + 100));
    }
    assertThat(byTime.ahead()).isEmpty();
    byTime.add(NewestTest.record(0, 4, 4));
    assertThat(byTime.ahead()).containsExactly(A);
    byTime.next(Set.of());
    assertThat(byTime.ahead()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldMergeAllInOneOrderWhateverIsFetchedFirst(long seed) {
    Random random = new Random(seed);
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> unread = new HashMap<>();
    int records = 1 + random.nextInt(400);
    for (int i = 0; i < records; i++) {
      TopicPartition partition = new TopicPartition("t", random.nextInt(5));
      List<ConsumerRecord<byte[], byte[]>> of =
          unread.computeIfAbsent(partition, _ -> new ArrayList<>());
      of.add(NewestTest.record(partition.partition(), of.size(), i));
    }
    List<Long> merged = new ArrayList<>();
    while (!unread.isEmpty()) {
      List<TopicPartition> fetched = new ArrayList<>(unread.keySet());
      fetched.removeAll(byTime.ahead());
      assertThat(fetched).as("partitions to fetch from").isNotEmpty();
      TopicPartition partition = fetched.get(random.nextInt(fetched.size()));
      List<ConsumerRecord<byte[], byte[]>> of = unread.get(partition);
      for (int i = random.nextInt(of.size() + 1); i > 0; i--) {
        byTime.add(of.removeFirst());
      }
      unread.values().removeIf(List::isEmpty);
      merged.addAll(times(new HashSet<>(unread.keySet())));
    }
    merged.addAll(times(Set.of()));
    assertThat(merged).containsExactlyElementsOf(LongStream.range(0, records).boxed().toList());
  }
}
