package dev.koalja.cli.project;

import dev.koalja.cli.CliException;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a project said of its circuit at one moment. What becomes of its files later, by an editor
 * or {@code mvn clean}, changes nothing of it.
 *
 * @param project whose it is
 * @param inferred the pipeline its code means; empty where it has none
 * @param written the pipeline file that people wrote, which lies over the other
 */
public record Wiring(
    FunctionProject project,
    Optional<PipelineReader.Source> inferred,
    Optional<PipelineReader.Source> written) {

  /** What the project says now. */
  public static Wiring of(FunctionProject project) {
    return of(project, project.inferred());
  }

  /** What it says now, where another build than that of Maven wrote what its code means. */
  public static Wiring of(FunctionProject project, Path inferred) {
    return new Wiring(project, source(inferred), source(project.handWritten()));
  }

  private static Optional<PipelineReader.Source> source(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      Path here = Path.of("").toAbsolutePath();
      String name = file.startsWith(here) ? here.relativize(file).toString() : file.toString();
      return Optional.of(new PipelineReader.Source(name, Files.readString(file)));
    } catch (IOException e) {
      throw CliException.usage(file + " cannot be read: " + e.getMessage());
    }
  }

  /** Its pipeline files, each to be laid over those before it. */
  public List<PipelineReader.Source> sources() {
    return Stream.of(inferred, written).flatMap(Optional::stream).toList();
  }

  /**
   * The pipeline it is a part of; empty when it has no pipeline file.
   *
   * @throws InvalidPipelineException when its files are wrong
   */
  public Optional<String> pipeline() {
    return sources().isEmpty()
        ? Optional.empty()
        : Optional.of(
            PipelineReader.read(sources().toArray(PipelineReader.Source[]::new)).name().value());
  }

  /**
   * The apps whose functions its build has.
   *
   * @throws InvalidPipelineException when what its code means is wrong
   */
  public Set<String> apps() {
    if (!project.hasFunctions()) {
      return Set.of();
    }
    Pipeline code =
        PipelineReader.read(
            inferred.orElseThrow(
                () ->
                    CliException.usage(
                        "%s is not built: no pipeline was inferred from its code"
                            .formatted(project.name()))));
    Set<String> apps = new TreeSet<>();
    code.tasks()
        .forEach(
            task -> {
              if (task.kind() instanceof TaskKind.Function function) {
                apps.add(function.app().value());
              }
            });
    return apps;
  }
}
