package dev.koalja.cli.revision;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A pipeline and the parts that it is made of.
 *
 * @param pipeline what they mean together
 * @param parts all that name it
 */
public record Circuit(Pipeline pipeline, List<Part> parts) {
  public Circuit {
    parts = List.copyOf(parts);
  }

  /**
   * The pipelines that some parts mean; those that name one are one.
   *
   * @throws InvalidPipelineException with all problems of all of them
   */
  public static List<Circuit> of(Collection<Part> parts) {
    Map<String, List<Part>> byPipeline = new LinkedHashMap<>();
    List<Problem> problems = new ArrayList<>();
    for (Part part : parts) {
      try {
        part.pipeline()
            .ifPresent(name -> byPipeline.computeIfAbsent(name, _ -> new ArrayList<>()).add(part));
      } catch (InvalidPipelineException e) {
        problems.addAll(e.problems());
      }
    }
    List<Circuit> circuits = new ArrayList<>();
    for (List<Part> its : byPipeline.values()) {
      try {
        circuits.add(
            new Circuit(
                PipelineReader.read(
                    its.stream()
                        .flatMap(part -> part.sources().stream())
                        .distinct() // two apps of one project have the same
                        .toArray(PipelineReader.Source[]::new)),
                its));
      } catch (InvalidPipelineException e) {
        problems.addAll(e.problems());
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidPipelineException(problems);
    }
    return circuits;
  }

  /** Its builds, by the name of their part. */
  public SortedMap<String, Release.Build> builds() {
    SortedMap<String, Release.Build> builds = new TreeMap<>();
    parts.forEach(part -> builds.put(part.name(), part.build()));
    return builds;
  }
}
