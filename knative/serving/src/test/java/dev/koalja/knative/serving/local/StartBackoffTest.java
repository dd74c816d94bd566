package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartBackoffTest {
  @Test
  void shouldDoubleUpToTheCapAfterFailedStarts() {
    StartBackoff backoff = new StartBackoff();
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      backoff.startFailed(0);
      waits.add(backoff.remaining(0).toMillis());
    }
    assertThat(waits)
        .containsExactly(250L, 500L, 1000L, 2000L, 4000L, 8000L, 16000L, 30000L, 30000L, 30000L);
  }

  @Test
  void shouldReplaceAtOnceAfterAFirstCrash() {
    StartBackoff backoff = new StartBackoff();
    backoff.crashed(0, Duration.ofSeconds(1));
    assertThat(backoff.remaining(0)).isZero();
    backoff.crashed(0, Duration.ofSeconds(1));
    assertThat(backoff.remaining(0)).isEqualTo(Duration.ofMillis(250));
    assertThat(backoff.remaining(Duration.ofMillis(100).toNanos()))
        .isEqualTo(Duration.ofMillis(150));
  }

  @Test
  void shouldKeepTheWaitShortAfterManyCrashes() {
    StartBackoff backoff = new StartBackoff();
    for (int i = 0; i < 50; i++) {
      backoff.crashed(0, Duration.ofSeconds(1));
    }
    assertThat(backoff.remaining(0)).isEqualTo(Duration.ofSeconds(4));
  }

  @Test
  void shouldForgetFailuresWhileAnInstanceLivesOn() {
    StartBackoff backoff = new StartBackoff();
    for (int i = 0; i < 8; i++) {
      backoff.startFailed(0);
    }
    long good = StartBackoff.GOOD.toNanos();
    backoff.alive(good, 1);
    assertThat(backoff.remaining(0)).as("not long enough yet").isPositive();
    backoff.alive(good + 1, 1);
    assertThat(backoff.remaining(0)).isZero();
    backoff.startFailed(good + 2);
    assertThat(backoff.remaining(good + 2)).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void shouldForgetFailuresOnceAnInstanceEndedAsAsked() {
    StartBackoff backoff = new StartBackoff();
    for (int i = 0; i < 8; i++) {
      backoff.startFailed(0);
    }
    backoff.endedWell(1);
    backoff.startFailed(2);
    assertThat(backoff.remaining(2)).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void shouldNotForgetWhatFailedAfterAnInstanceThatStillLives() {
    StartBackoff backoff = new StartBackoff();
    long later = StartBackoff.GOOD.toNanos() * 2;
    for (int i = 0; i < 8; i++) {
      backoff.startFailed(later);
    }
    backoff.alive(later + 1, 0);
    backoff.endedWell(0);
    assertThat(backoff.remaining(later)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void shouldForgetFailuresOnceAnInstanceLivedLong() {
    StartBackoff backoff = new StartBackoff();
    backoff.startFailed(0);
    backoff.startFailed(0);
    backoff.crashed(0, StartBackoff.GOOD);
    assertThat(backoff.remaining(0)).isZero();
    backoff.startFailed(0);
    assertThat(backoff.remaining(0)).isEqualTo(Duration.ofMillis(250));
  }
}
