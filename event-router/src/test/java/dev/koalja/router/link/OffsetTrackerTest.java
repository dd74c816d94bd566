package dev.koalja.router.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.router.link.OffsetTracker.Committable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetTrackerTest {

  @Test
  void shouldCommitThePositionWhenEverythingIsFinished() {
    OffsetTracker tracker = new OffsetTracker(0, "");
    tracker.deliver(0);
    tracker.deliver(1);
    tracker.finish(0);
    tracker.finish(1);
    assertThat(tracker.committableWith(List.of())).isEqualTo(new Committable(2, ""));
  }

  @Test
  void shouldKeepWhatIsFinishedAboveThePendingOne() {
    OffsetTracker tracker = new OffsetTracker(10, "");
    for (long offset = 10; offset < 15; offset++) {
      tracker.deliver(offset);
    }
    tracker.finish(12);
    Committable committable = tracker.committableWith(List.of(14L));
    assertThat(committable.base()).isEqualTo(10);
    OffsetTracker successor = new OffsetTracker(committable.base(), committable.metadata());
    assertThat(List.of(10L, 11L, 12L, 13L, 14L).stream().map(successor::deliver))
        .containsExactly(true, true, false, true, false);
  }

  @Test
  void shouldAdvanceOverHolesThatTransactionMarkersLeave() {
    OffsetTracker tracker = new OffsetTracker(0, "");
    for (long offset : List.of(0L, 2L, 6L)) {
      tracker.deliver(offset);
      tracker.finish(offset);
    }
    tracker.readUpTo(8);
    assertThat(tracker.base()).isEqualTo(8);
  }

  @Test
  void shouldNotCountWhatATransactionNotYetDecidedWouldFinish() {
    OffsetTracker tracker = new OffsetTracker(0, "");
    tracker.deliver(0);
    tracker.deliver(1);
    assertThat(tracker.committableWith(List.of(0L, 1L)).base()).isEqualTo(2);
    assertThat(tracker.base()).isZero();
    assertThat(tracker.committableWith(List.of())).isEqualTo(new Committable(0, ""));
  }

  @Test
  void shouldNotForgetFinishedOffsetsThatWereNotReadAgainYet() {
    OffsetTracker first = new OffsetTracker(0, "");
    for (long offset = 0; offset < 100; offset++) {
      first.deliver(offset);
    }
    Committable committed = first.committableWith(List.of(99L));
    OffsetTracker second = new OffsetTracker(committed.base(), committed.metadata());
    second.deliver(0);
    Committable again = second.committableWith(List.of(0L));
    OffsetTracker third = new OffsetTracker(again.base(), again.metadata());
    assertThat(third.deliver(99)).isFalse();
    assertThat(third.deliver(50)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"xAAAA", "r*", "rgICAgICA", "b?"})
  void shouldRefuseMetadataItDoesNotKnowInsteadOfRepeatingWork(String metadata) {
    assertThatThrownBy(() -> new OffsetTracker(0, metadata))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldAlwaysFitIntoTheMetadataWhateverThePattern() {
    int characters = 4096;
    long span = FinishedOffsets.capacity(characters);
    Random random = new Random(7);
    BitSet finished = new BitSet();
    for (int offset = 0; offset < span; offset++) {
      finished.set(offset, random.nextBoolean());
    }
    finished.set((int) span - 1);
    assertThat(FinishedOffsets.encode(finished).length()).isLessThanOrEqualTo(characters);
  }

  /** Against a set of offsets, over random orders, restarts and holes. */
  @Test
  void shouldProcessEveryRecordOnceOverRandomOrdersRestartsAndHoles() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<Long> link = new ArrayList<>();
      long end = 0;
      for (int i = 0; i < 200; i++) {
        end += 1 + (random.nextInt(5) == 0 ? random.nextInt(4) : 0);
        link.add(end);
      }
      long position = end + 1 + random.nextInt(3);
      Set<Long> committed = new HashSet<>();
      Committable state = new Committable(0, "");
      while (committed.size() < link.size()) {
        OffsetTracker tracker = new OffsetTracker(state.base(), state.metadata());
        List<Long> running = new ArrayList<>();
        int read = random.nextInt(link.size() + 1);
        long from = state.base();
        for (long offset : link.stream().filter(each -> each >= from).limit(read).toList()) {
          boolean mine = tracker.deliver(offset);
          assertThat(mine)
              .as("seed %d offset %d", seed, offset)
              .isEqualTo(!committed.contains(offset));
          if (mine) {
            running.add(offset);
          }
        }
        if (read == link.size()) {
          tracker.readUpTo(position);
        }
        int rounds = random.nextInt(4);
        for (int round = 0; round < rounds && !running.isEmpty(); round++) {
          List<Long> batch = new ArrayList<>();
          int size = 1 + random.nextInt(running.size());
          for (int i = 0; i < size; i++) {
            batch.add(running.remove(random.nextInt(running.size())));
          }
          Committable next = tracker.committableWith(batch);
          if (random.nextInt(4) == 0) {
            running.addAll(batch); // aborted
            continue;
          }
          tracker.finish(batch.getFirst());
          batch.forEach(tracker::finish);
          committed.addAll(batch);
          assertThat(next).isEqualTo(tracker.committableWith(List.of()));
          state = next;
        }
      }
    }
  }
}
