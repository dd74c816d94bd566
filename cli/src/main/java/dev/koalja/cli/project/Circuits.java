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
 * What projects mean together: their pipelines, checked.
 *
 * @param pipelines one for each name; projects of one name are one pipeline
 * @param wirings what each project said, of which the pipelines were made
 */
public record Circuits(List<Pipeline> pipelines, List<Wiring> wirings) {
  public Circuits {
    pipelines = List.copyOf(pipelines);
    wirings = List.copyOf(wirings);
  }

  /** The folder of each app that is started here. */
  public Map<String, Path> apps() {
    Map<String, Path> apps = new HashMap<>();
    wirings.stream()
        .filter(wiring -> wiring.project().buildsHere())
        .forEach(wiring -> wiring.apps().forEach(app -> apps.put(app, wiring.project().folder())));
    return apps;
  }

  /**
   * Builds what is not up to date and reads every pipeline file.
   *
   * @throws InvalidPipelineException with all problems of all files
   */
  public static Circuits build(List<FunctionProject> projects, Screen screen) {
    Optional<Path> runtime = runtime();
    for (FunctionProject project : projects) {
      if (project.buildsHere() && project.stale(runtime)) {
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

  /**
   * Reads the pipeline files of projects that are built.
   *
   * @throws InvalidPipelineException with all problems of all files
   */
  public static Circuits read(List<FunctionProject> projects) {
    return of(projects.stream().map(Wiring::of).toList());
  }

  /**
   * What these mean together.
   *
   * @throws InvalidPipelineException with all problems of all of them
   */
  public static Circuits of(List<Wiring> wirings) {
    Map<String, List<PipelineReader.Source>> byName = new LinkedHashMap<>();
    List<Wiring> used = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (Wiring wiring : wirings) {
      try {
        Optional<String> name = wiring.pipeline();
        if (name.isPresent()) {
          byName.computeIfAbsent(name.get(), _ -> new ArrayList<>()).addAll(wiring.sources());
          wiring.apps(); // says what is wrong with the code alone
          used.add(wiring);
        }
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
    return new Circuits(pipelines, used);
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
