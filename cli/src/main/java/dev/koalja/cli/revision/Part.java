package dev.koalja.cli.revision;

import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.util.List;
import java.util.Optional;

/**
 * What one app brings to a circuit, or one pipeline file without functions: a build, and the wiring
 * that it means.
 *
 * @param name the app; of a pipeline file a word that is no name of an app
 * @param build which build
 * @param sources its pipeline files, each to be laid over those before it
 */
public record Part(String name, Release.Build build, List<PipelineReader.Source> sources) {
  public Part {
    sources = List.copyOf(sources);
  }

  /**
   * The pipeline it is a part of; empty when it has no wiring.
   *
   * @throws InvalidPipelineException when its files are wrong
   */
  public Optional<String> pipeline() {
    return sources.isEmpty()
        ? Optional.empty()
        : Optional.of(
            PipelineReader.read(sources.toArray(PipelineReader.Source[]::new)).name().value());
  }
}
