package dev.koalja.cli.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.util.ArrayList;
import java.util.List;

/** The pipelines that are in force. */
public final class RunningPipelines {
  private RunningPipelines() {}

  /** All of them. */
  public static List<Pipeline> all(ControlClient control) {
    List<Pipeline> pipelines = new ArrayList<>();
    for (JsonNode each : control.get("/api/pipelines")) {
      String name = each.path("name").asText();
      // JSON is YAML; and what is in force was found right when it was applied
      pipelines.add(
          PipelineReader.readAccepted(
              new PipelineReader.Source(name, each.path("pipeline").toString())));
    }
    return pipelines;
  }
}
