package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Scale;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import java.util.List;

/** Makes the pipeline that the code of an app means. */
final class PipelineInference {
  private PipelineInference() {}

  /**
   * The pipeline; not yet checked as a whole.
   *
   * @param app the name of the app, and so of the pipeline
   */
  static Pipeline infer(AppName app, FunctionScan scan) {
    Scale shared =
        scan.functions().stream()
            .filter(function -> !function.isolated())
            .flatMap(function -> function.scale().stream())
            .findFirst()
            .orElse(Scale.DEFAULT);
    List<Task> tasks =
        scan.functions().stream().map(function -> task(app, function, shared)).toList();
    return new Pipeline(
        new PipelineName(app.value()), scan.triggers(), tasks, List.of(), List.of());
  }

  private static Task task(AppName app, FunctionMethod function, Scale shared) {
    return new Task(
        function.task(),
        new TaskKind.Function(
            app,
            function.isolated(),
            function.isolated() ? function.scale().orElse(Scale.DEFAULT) : shared),
        function.inputs().stream().flatMap(input -> input.inputs().stream()).toList(),
        function.outputs().stream()
            .map(
                output ->
                    new Output(
                        output.name(),
                        output.link(),
                        JavaNames.wireType(output.element()),
                        output.schema()))
            .toList(),
        function.delivery(),
        function.snapshot());
  }
}
