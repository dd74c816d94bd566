package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.PipelineName;

/** Told about every start that succeeded, for metrics. Must not block. */
@FunctionalInterface
public interface ColdStartListener {
  void started(PipelineName pipeline, AppName app, ColdStart coldStart);
}
