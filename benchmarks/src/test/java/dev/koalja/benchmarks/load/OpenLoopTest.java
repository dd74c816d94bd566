package dev.koalja.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OpenLoopTest {
  @Test
  void shouldSendEachOnceAndNoneBeforeItIsDue() throws Exception {
    OpenLoop load = OpenLoop.soon(1000, 50);
    Set<Integer> sent = new ConcurrentSkipListSet<>();
    Set<Integer> early = new ConcurrentSkipListSet<>();
    load.run(
        4,
        () ->
            index -> {
              if (System.nanoTime() < load.due(index)) {
                early.add(index);
              }
              assertThat(sent.add(index)).isTrue();
            });
    assertThat(sent).hasSize(50);
    assertThat(early).isEmpty();
    assertThat(load.due(49) - load.due(0)).isEqualTo(49_000_000);
  }

  @Test
  void shouldNotWaitForWhoIsSlowWhileThereAreOtherSenders() throws Exception {
    CountDownLatch others = new CountDownLatch(9);
    OpenLoop.soon(1000, 10)
        .run(
            2,
            () ->
                index -> {
                  if (index == 0) {
                    others.await(); // ends only when all the others were sent meanwhile
                  } else {
                    others.countDown();
                  }
                });
    assertThat(others.getCount()).isZero();
  }

  @Test
  void shouldFailWhenASenderDoes() {
    assertThatThrownBy(
            () ->
                OpenLoop.soon(1000, 10)
                    .run(
                        1,
                        () ->
                            index -> {
                              throw new IOException("no more");
                            }))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("no more");
  }
}
