package dev.koalja.benchmarks.joins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class JoinsTest {
  @Test
  void shouldTellWhichPairWasJoinedAndWhetherItBelongsTogether() {
    byte[] left = Pair.data(Pair.Side.LEFT, 4711);
    assertThat(left).hasSize(Pair.BYTES);
    assertThat(Pair.numberOf(Pair.join(left, Pair.data(Pair.Side.RIGHT, 4711)))).isEqualTo(4711);
    assertThatThrownBy(() -> Pair.numberOf(Pair.join(left, Pair.data(Pair.Side.RIGHT, 4712))))
        .hasMessageContaining("left 4711 was joined with right 4712");
    assertThatThrownBy(() -> Pair.numberOf(Pair.join(Pair.data(Pair.Side.RIGHT, 1), left)))
        .hasMessageContaining("no join");
    assertThatThrownBy(() -> Pair.numberOf(left)).hasMessageContaining("no join");
  }

  @Test
  void shouldJoinInMemoryByKeyInOrderWhicheverSideComesFirst() {
    MemoryJoin join = new MemoryJoin("bare.joined");
    List<Integer> joined = new ArrayList<>();
    List<ProducerRecord<byte[], byte[]>> arrivals = new ArrayList<>();
    arrivals.addAll(Pair.records("bare.", Pair.Side.LEFT, 0, 5, 2).toList());
    arrivals.addAll(Pair.records("bare.", Pair.Side.RIGHT, 0, 8, 2).toList());
    arrivals.addAll(Pair.records("bare.", Pair.Side.LEFT, 5, 8, 2).toList());
    for (ProducerRecord<byte[], byte[]> each : arrivals) {
      join.of(new ConsumerRecord<>(each.topic(), 0, 0, each.key(), each.value()))
          .ifPresent(
              result -> {
                assertThat(result.topic()).isEqualTo("bare.joined");
                assertThat(result.key()).isEqualTo(each.key());
                joined.add(Pair.numberOf(result.value()));
              });
    }
    assertThat(joined).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void shouldCountWhatACompactedTopicComesTo() {
    byte[] event = Pair.data(Pair.Side.LEFT, 1);
    LiveState state =
        LiveState.of(
            List.of(
                record(0, "marker", new byte[] {1}),
                record(0, "a", event),
                record(0, "b", event),
                record(1, "b", event),
                record(0, "b", null),
                record(0, "a", event)),
            1);
    assertThat(state).isEqualTo(new LiveState(2, 6 + 1 + 2 * (1 + Pair.BYTES), 6, 1));
  }

  private static ConsumerRecord<byte[], byte[]> record(int partition, String key, byte[] value) {
    return new ConsumerRecord<>("state", partition, 0, key.getBytes(StandardCharsets.UTF_8), value);
  }
}
