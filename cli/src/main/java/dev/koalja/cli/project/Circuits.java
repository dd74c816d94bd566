package dev.koalja.cli.project;

import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.launch.KoaljaHome;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What projects mean together: their pipelines, checked, and where the build of each app is.
 *
 * @param pipelines one for each name; projects of one name are one pipeline
 * @param apps the folder of each app
 */
public record Circuits(List<Pipeline> pipelines, Map<String, Path> apps) {
  public Circuits {
    pipelines = List.copyOf(pipelines);
    apps = Map.copyOf(apps);
  }

  /**
   * Builds what is not up to date and reads every pipeline file.
   *
   * @throws InvalidPipelineException with all problems of all files
   */
  public static Circuits build(List<FunctionProject> projects, Screen screen) {
    Optional<Path> runtime = runtime();
    for (FunctionProject project : projects) {
      if (project.hasFunctions() && project.stale(runtime)) {
        Instant begin = Instant.now();
        screen.doing("Building " + project.name() + " …");
        ProjectBuild.run(project);
        screen.fact(
            "Built %s in %s"
                .formatted(project.name(), Words.duration(Duration.between(begin, Instant.now()))));
      }
    }
    return read(projects);
  }

  /** Reads the pipeline files of projects that are built. */
  public static Circuits read(List<FunctionProject> projects) {
    Map<String, List<PipelineReader.Source>> byName = new LinkedHashMap<>();
    Map<String, Path> apps = new HashMap<>();
    List<Problem> problems = new ArrayList<>();
    for (FunctionProject project : projects) {
      List<PipelineReader.Source> sources = project.sources();
      if (sources.isEmpty()) {
        continue;
      }
      try {
        Pipeline alone = PipelineReader.read(sources.toArray(PipelineReader.Source[]::new));
        byName.computeIfAbsent(alone.name().value(), _ -> new ArrayList<>()).addAll(sources);
        project.apps().forEach(app -> apps.put(app, project.folder()));
      } catch (InvalidPipelineException e) {
        problems.addAll(e.problems());
      }
    }
    List<Pipeline> pipelines = new ArrayList<>();
    for (List<PipelineReader.Source> sources : byName.values()) {
      try {
        pipelines.add(PipelineReader.read(sources.toArray(PipelineReader.Source[]::new)));
      } catch (InvalidPipelineException e) {
        problems.addAll(e.problems());
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidPipelineException(problems);
    }
    return new Circuits(pipelines, apps);
  }

  /** The jar of our runtime: functions built with an older one are built again. */
  private static Optional<Path> runtime() {
    Path target = KoaljaHome.find().root().resolve("function-runtime/deployment/target");
    if (!Files.isDirectory(target)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(target)) {
      return files.filter(file -> file.toString().endsWith(".jar")).findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
