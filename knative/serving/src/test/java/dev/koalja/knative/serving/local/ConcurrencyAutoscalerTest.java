package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConcurrencyAutoscalerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int MAX = 100;

  private static ConcurrencyAutoscaler autoscaler(int concurrency) {
    return new ConcurrencyAutoscaler(
        ConcurrencyAutoscaler.Settings.knative(concurrency, Duration.ofSeconds(60)));
  }

  /** The same load for so many seconds, sampled each second; returns the end. */
  private static long load(
      ConcurrencyAutoscaler autoscaler, long from, int seconds, double concurrency) {
    for (int i = 0; i < seconds; i++) {
      autoscaler.record(from + i * SECOND, from + (i + 1) * SECOND, concurrency);
    }
    return from + seconds * SECOND;
  }

  @ParameterizedTest(name = "{1} of {0} at once, {2} ready: {3} wanted")
  @CsvSource({
    "10, 0,   1, 0",
    "10, 0.1, 1, 1",
    "10, 7,   1, 1",
    "10, 7.1, 2, 2",
    "10, 70,  10, 10",
    "1,  1,   2, 2",
    "1,  0.7, 1, 1",
    "100, 70, 1, 1",
    "100, 5000, 80, 72",
    "10, 100000, 90, 100",
  })
  void shouldWantTheAverageOverTheTarget(int concurrency, double load, int ready, int wanted) {
    ConcurrencyAutoscaler autoscaler = autoscaler(concurrency);
    long now = load(autoscaler, 0, 60, load);
    assertThat(autoscaler.decide(now, ready, 0, MAX).desired()).isEqualTo(wanted);
  }

  @ParameterizedTest(name = "bounds {0} to {1}, load for {2}: {3}")
  @CsvSource({"0, 4, 0, 0", "2, 4, 0, 2", "0, 4, 100, 4", "1, 1, 100, 1", "3, 9, 5, 5"})
  void shouldKeepTheBounds(int min, int max, int load, int wanted) {
    ConcurrencyAutoscaler autoscaler = autoscaler(1);
    long now = load(autoscaler, 0, 60, load * 0.7);
    assertThat(autoscaler.decide(now, Math.max(1, load), min, max).desired()).isEqualTo(wanted);
  }

  @Test
  void shouldNoticeABurstWithinThePanicWindow() {
    ConcurrencyAutoscaler autoscaler = autoscaler(10);
    long now = load(autoscaler, 0, 60, 7);
    assertThat(autoscaler.decide(now, 1, 0, MAX))
        .isEqualTo(new ConcurrencyAutoscaler.Decision(1, false));

    now = load(autoscaler, now, 6, 28);

    assertThat(autoscaler.decide(now, 1, 0, MAX))
        .isEqualTo(new ConcurrencyAutoscaler.Decision(4, true));
  }

  @Test
  void shouldNotPanicBelowTwiceTheInstances() {
    ConcurrencyAutoscaler autoscaler = autoscaler(10);
    long now = load(autoscaler, 0, 54, 21);
    now = load(autoscaler, now, 6, 35);
    // 5 for the panic window, 3 ready; the stable window asks for ceil(22.4 / 7)
    assertThat(autoscaler.decide(now, 3, 0, MAX))
        .isEqualTo(new ConcurrencyAutoscaler.Decision(4, false));
  }

  @Test
  void shouldNeverFallWhilePanicking() {
    ConcurrencyAutoscaler autoscaler = autoscaler(10);
    long now = load(autoscaler, 0, 6, 70);
    assertThat(autoscaler.decide(now, 1, 0, MAX).desired()).isEqualTo(10);

    for (int second = 1; second < 60; second++) {
      now = load(autoscaler, now, 1, 0);
      assertThat(autoscaler.decide(now, 10, 0, MAX))
          .as("%d s after the burst", second)
          .isEqualTo(new ConcurrencyAutoscaler.Decision(10, true));
    }

    now = load(autoscaler, now, 1, 0);
    assertThat(autoscaler.decide(now, 10, 0, MAX).panicking()).isFalse();
  }

  @Test
  void shouldExtendThePanicWhileTheBurstLasts() {
    ConcurrencyAutoscaler autoscaler = autoscaler(10);
    long now = load(autoscaler, 0, 6, 70);
    autoscaler.decide(now, 1, 0, MAX);
    now = load(autoscaler, now, 30, 200);
    assertThat(autoscaler.decide(now, 10, 0, MAX).desired()).isEqualTo(29);
    now = load(autoscaler, now, 59, 0);
    assertThat(autoscaler.decide(now, 29, 0, MAX))
        .isEqualTo(new ConcurrencyAutoscaler.Decision(29, true));
  }

  @Test
  void shouldWantNoneAfterAStableWindowWithoutLoad() {
    ConcurrencyAutoscaler autoscaler = autoscaler(10);
    long now = load(autoscaler, 0, 60, 7);
    now = load(autoscaler, now, 59, 0);
    assertThat(autoscaler.decide(now, 1, 0, MAX).desired()).isEqualTo(1);
    now = load(autoscaler, now, 1, 0);
    assertThat(autoscaler.decide(now, 1, 0, MAX).desired()).isZero();
  }

  @Test
  void shouldCountABurstFromZeroInFull() {
    ConcurrencyAutoscaler autoscaler = autoscaler(1);
    autoscaler.record(0, SECOND / 4, 20);
    assertThat(autoscaler.decide(SECOND / 4, 0, 0, MAX).desired()).isEqualTo(29);
  }

  @Test
  void shouldForgetEverythingOnReset() {
    ConcurrencyAutoscaler autoscaler = autoscaler(1);
    long now = load(autoscaler, 0, 6, 50);
    autoscaler.decide(now, 1, 0, MAX);
    autoscaler.reset();
    assertThat(autoscaler.decide(now, 1, 0, MAX))
        .isEqualTo(new ConcurrencyAutoscaler.Decision(0, false));
  }

  @Test
  void shouldShortenTheWindowsWithTheIdleTime() {
    assertThat(ConcurrencyAutoscaler.Settings.knative(10, Duration.ofSeconds(10)))
        .isEqualTo(
            new ConcurrencyAutoscaler.Settings(
                7, Duration.ofSeconds(10), Duration.ofSeconds(1), 2));
    assertThat(ConcurrencyAutoscaler.Settings.knative(10, Duration.ofHours(1)).stableWindow())
        .isEqualTo(Duration.ofSeconds(60));
  }
}
