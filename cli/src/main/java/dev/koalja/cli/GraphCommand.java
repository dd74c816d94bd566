package dev.koalja.cli;

import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.RunningPipelines;
import dev.koalja.cli.show.CircuitMermaid;
import dev.koalja.cli.show.CircuitText;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja graph}. */
@Command(
    name = "graph",
    description = "Draw the circuit: of pipeline files, or the one that runs.",
    footer = {
      "",
      "Examples:",
      "  koalja graph",
      "  koalja graph pipeline.yaml",
      "  koalja graph --mermaid > circuit.mmd"
    })
final class GraphCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "Pipeline files; later ones are laid over earlier ones.")
  List<Path> files = List.of();

  @Option(names = "--mermaid", description = "As a Mermaid flow chart.")
  boolean mermaid;

  @Override
  public void run() {
    List<Pipeline> pipelines = files.isEmpty() ? running() : List.of(read(files));
    for (Pipeline pipeline : pipelines) {
      if (shared.json) {
        shared.print(Json.MAPPER.valueToTree(PipelineWriter.tree(pipeline)));
      } else if (mermaid) {
        CircuitMermaid.lines(pipeline).forEach(shared.screen()::line);
      } else {
        CircuitText.lines(pipeline).forEach(shared.screen()::line);
      }
    }
  }

  private List<Pipeline> running() {
    try (ControlClient control = shared.control()) {
      return RunningPipelines.all(control);
    }
  }

  private static Pipeline read(List<Path> files) {
    List<PipelineReader.Source> sources = new ArrayList<>();
    for (Path file : files) {
      try {
        sources.add(new PipelineReader.Source(file.toString(), Files.readString(file)));
      } catch (IOException e) {
        throw CliException.usage("pipeline file " + file + " cannot be read: " + Words.reason(e));
      }
    }
    return PipelineReader.read(sources.toArray(PipelineReader.Source[]::new));
  }
}
