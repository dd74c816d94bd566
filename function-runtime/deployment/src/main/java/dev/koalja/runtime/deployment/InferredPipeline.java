package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pipeline file of an app, or what is wrong.
 *
 * @param yaml the file
 * @param problems one line each; empty when all is well
 */
record InferredPipeline(String yaml, List<String> problems) {

  /**
   * Infers the file and reads it again as whoever runs it will, with the hand-written file over it.
   *
   * @param applicationName the name of the app as the build knows it
   * @param handWritten {@code pipeline.yaml} of the project, when there is one
   */
  static InferredPipeline of(
      String applicationName, FunctionScan scan, Optional<PipelineReader.Source> handWritten) {
    AppName app;
    try {
      app = new AppName(applicationName);
    } catch (IllegalArgumentException e) {
      return new InferredPipeline(
          "",
          List.of(
              "quarkus.application.name: %s. Set it, or the artifactId, to such a name."
                  .formatted(e.getMessage())));
    }
    if (!scan.problems().isEmpty()) {
      return new InferredPipeline(
          "", scan.problems().stream().map(BuildProblem::toString).toList());
    }
    String yaml = PipelineWriter.yaml(PipelineInference.infer(app, scan));
    List<PipelineReader.Source> sources = new ArrayList<>();
    sources.add(new PipelineReader.Source("the circuit of the code", yaml));
    handWritten.ifPresent(sources::add);
    try {
      PipelineReader.read(sources.toArray(PipelineReader.Source[]::new));
      return new InferredPipeline(yaml, List.of());
    } catch (InvalidPipelineException e) {
      return new InferredPipeline(
          yaml, e.problems().stream().map(problem -> problem.toString()).toList());
    }
  }
}
