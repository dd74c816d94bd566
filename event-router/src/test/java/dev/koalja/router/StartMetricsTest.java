package dev.koalja.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.knative.serving.ColdStart;
import dev.koalja.knative.serving.StartPhase;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.PipelineName;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StartMetricsTest {
  private static final PipelineName PIPELINE = new PipelineName("p");
  private static final AppName APP = new AppName("shop");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final StartMetrics metrics = new StartMetrics(registry);

  private Optional<Timer> timer(StartPhase phase) {
    return Optional.ofNullable(
        registry
            .find("koalja.cold.start")
            .tags("pipeline", "p", "app", "shop", "phase", phase.word())
            .timer());
  }

  private double ahead(String outcome) {
    return registry.get("koalja.prewarm.starts").tags("outcome", outcome).counter().count();
  }

  private static Duration millis(int millis) {
    return Duration.ofMillis(millis);
  }

  @Test
  void shouldTimeEachPhaseThatIsKnown() {
    metrics.ready(
        PIPELINE,
        APP,
        new ColdStart(millis(1), millis(2), Optional.of(millis(3)), millis(4), millis(5)));
    metrics.firstReply(PIPELINE, APP, millis(6));
    for (StartPhase phase : StartPhase.values()) {
      assertThat(timer(phase))
          .as(phase.word())
          .hasValueSatisfying(
              timer ->
                  assertThat(timer.totalTime(TimeUnit.MILLISECONDS))
                      .isEqualTo(phase.ordinal() + 1));
    }
  }

  @Test
  void shouldNotTimeAJvmOfWhichNothingIsKnown() {
    metrics.ready(
        PIPELINE, APP, new ColdStart(millis(1), millis(2), Optional.empty(), millis(4), millis(5)));
    assertThat(timer(StartPhase.JVM)).isEmpty();
    assertThat(timer(StartPhase.REPLY)).isEmpty();
    assertThat(timer(StartPhase.APP)).isPresent();
  }

  @Test
  void shouldCountStartsAheadByWhatTheyWereGoodFor() {
    metrics.ahead(PIPELINE, APP, true);
    metrics.ahead(PIPELINE, APP, true);
    metrics.ahead(PIPELINE, APP, false);
    assertThat(ahead("useful")).isEqualTo(2);
    assertThat(ahead("wasted")).isEqualTo(1);
  }
}
