package dev.koalja.router;

import dev.koalja.knative.serving.ColdStart;
import dev.koalja.knative.serving.StartPhase;
import dev.koalja.knative.serving.local.StartListener;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.PipelineName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Counts and times the starts of function processes. Thread-safe. */
final class StartMetrics implements StartListener {
  private final MeterRegistry registry;

  StartMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void ready(PipelineName pipeline, AppName app, ColdStart start) {
    start.phases().forEach((phase, took) -> record(pipeline, app, phase, took));
  }

  @Override
  public void firstReply(PipelineName pipeline, AppName app, Duration took) {
    record(pipeline, app, StartPhase.REPLY, took);
  }

  private void record(PipelineName pipeline, AppName app, StartPhase phase, Duration took) {
    Timer.builder("koalja.cold.start")
        .description("starts of function processes, by phase")
        .publishPercentileHistogram()
        .tags(tags(pipeline, app).and("phase", phase.word()))
        .register(registry)
        .record(took);
  }

  @Override
  public void ahead(PipelineName pipeline, AppName app, boolean useful) {
    Counter.builder("koalja.prewarm.starts")
        .description(
            "function processes started ahead of need, by whether an event reached them in time")
        .tags(tags(pipeline, app).and("outcome", useful ? "useful" : "wasted"))
        .register(registry)
        .increment();
  }

  private static Tags tags(PipelineName pipeline, AppName app) {
    return Tags.of("pipeline", pipeline.value(), "app", app.value());
  }
}
