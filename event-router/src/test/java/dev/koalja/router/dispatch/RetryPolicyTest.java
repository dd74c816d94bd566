package dev.koalja.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.Order;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
  private static RetryPolicy policy(int attempts) {
    Backoff backoff =
        new Backoff(Backoff.Policy.EXPONENTIAL, Duration.ofSeconds(1), Duration.ofSeconds(10));
    return new RetryPolicy(
        new Delivery(Order.KEY, attempts, backoff, Duration.ofSeconds(30), 10), new Random(1));
  }

  @Test
  void shouldEndAfterTheSetAttempts() {
    assertThat(policy(3).waitAfter(2, Optional.empty())).isPresent();
    assertThat(policy(3).waitAfter(3, Optional.empty())).isEmpty();
    assertThat(policy(1).waitAfter(1, Optional.of(Duration.ofSeconds(1)))).isEmpty();
  }

  @Test
  void shouldDoubleUpToTheLongestWaitAndTakeUpToHalfOff() {
    for (int failed = 1; failed < 60; failed++) {
      Duration full = Duration.ofSeconds(failed > 4 ? 10 : 1L << (failed - 1));
      for (int i = 0; i < 50; i++) {
        assertThat(policy(100).waitAfter(failed, Optional.empty()).orElseThrow())
            .isBetween(full.dividedBy(2), full);
      }
    }
  }

  @Test
  void shouldWaitAsLongAsTheFunctionAsksUpToTheLongestWait() {
    assertThat(policy(9).waitAfter(1, Optional.of(Duration.ofSeconds(7))))
        .hasValue(Duration.ofSeconds(7));
    assertThat(policy(9).waitAfter(1, Optional.of(Duration.ofHours(7))))
        .hasValue(Duration.ofSeconds(10));
  }

  @Test
  void shouldNeverGiveUpOnAnInstanceAndNeverWaitLong() {
    assertThat(policy(1).waitForInstance(1))
        .isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
    assertThat(policy(1).waitForInstance(1_000_000)).isLessThanOrEqualTo(Duration.ofSeconds(30));
  }
}
