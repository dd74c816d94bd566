package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.PipelineName;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Keeps what it is told of starts. */
final class Heard implements StartListener {
  final Queue<ColdStart> starts = new ConcurrentLinkedQueue<>();
  final Queue<Duration> replies = new ConcurrentLinkedQueue<>();
  final Queue<Boolean> ahead = new ConcurrentLinkedQueue<>();

  @Override
  public void ready(PipelineName pipeline, AppName app, ColdStart start) {
    starts.add(start);
  }

  @Override
  public void firstReply(PipelineName pipeline, AppName app, Duration took) {
    replies.add(took);
  }

  @Override
  public void ahead(PipelineName pipeline, AppName app, boolean useful) {
    ahead.add(useful);
  }
}
