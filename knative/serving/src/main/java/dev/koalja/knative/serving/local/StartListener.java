package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.PipelineName;
import java.time.Duration;

/** Told what becomes of the starts of processes, for metrics. Must not block. */
public interface StartListener {
  /** A process is ready. */
  void ready(PipelineName pipeline, AppName app, ColdStart start);

  /** The first event that a process was handed is answered. */
  void firstReply(PipelineName pipeline, AppName app, Duration took);

  /**
   * It is known what a start ahead of need was good for.
   *
   * @param useful whether an event reached the process; else it ended without one
   */
  void ahead(PipelineName pipeline, AppName app, boolean useful);
}
