package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskName;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.PipelineWriter;
import dev.koalja.pipeline.yaml.Problem;
import dev.koalja.runtime.registry.FunctionDescriptor.Takes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The pipeline file of an app, or what is wrong.
 *
 * @param yaml the file
 * @param problems one line each; empty when all is well
 * @param takes how the tasks are handed their events, the hand-written file heard
 */
record InferredPipeline(String yaml, List<String> problems, Map<TaskName, Takes> takes) {
  private static final String CODE = "the circuit of the code";

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
                  .formatted(e.getMessage())),
          Map.of());
    }
    if (!scan.problems().isEmpty()) {
      return new InferredPipeline(
          "", scan.problems().stream().map(BuildProblem::toString).toList(), Map.of());
    }
    String yaml = PipelineWriter.yaml(PipelineInference.infer(app, scan));
    List<PipelineReader.Source> sources = new ArrayList<>();
    sources.add(new PipelineReader.Source(CODE, yaml));
    handWritten.ifPresent(sources::add);
    try {
      Pipeline whole = PipelineReader.read(sources.toArray(PipelineReader.Source[]::new));
      return new InferredPipeline(yaml, parameters(scan, whole), takes(whole));
    } catch (InvalidPipelineException e) {
      return new InferredPipeline(
          yaml, e.problems().stream().map(problem -> named(problem, scan)).toList(), Map.of());
    }
  }

  private static List<String> parameters(FunctionScan scan, Pipeline whole) {
    return scan.functions().stream()
        .flatMap(
            function ->
                whole.task(function.task().value()).stream()
                    .flatMap(task -> ParameterCheck.check(function, task).stream()))
        .map(BuildProblem::toString)
        .toList();
  }

  private static Map<TaskName, Takes> takes(Pipeline whole) {
    return whole.tasks().stream()
        .collect(Collectors.toUnmodifiableMap(Task::name, InferredPipeline::takes));
  }

  private static Takes takes(Task task) {
    if (task.snapshot().isPresent()) {
      return Takes.SNAPSHOT;
    }
    return task.delivery().batch().isPresent() ? Takes.BATCH : Takes.ONE;
  }

  /** A place in a file that nobody wrote helps nobody: what it was made of is named instead. */
  private static String named(Problem problem, FunctionScan scan) {
    if (problem.location().file().equals(CODE)) {
      String path = problem.path().replaceFirst("^spec\\.", "") + ".";
      for (FunctionMethod function : scan.functions()) {
        String task = "tasks." + function.task() + ".";
        if (path.startsWith(task)) {
          String part = path.substring(task.length()).replaceAll("\\.$", ": ");
          return function.where() + ": " + part + problem.message() + ".";
        }
      }
    }
    return problem.toString();
  }
}
