package dev.koalja.cli.project;

import dev.koalja.cli.CliException;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A folder with functions, a hand-written pipeline file, or both.
 *
 * @param folder the folder, absolute
 * @param hasFunctions whether it is a Maven project of functions
 * @param inferred the pipeline its code means, written by the build
 */
public record FunctionProject(Path folder, boolean hasFunctions, Path inferred) {
  private static final String RUNTIME = "koalja-function-runtime";

  private FunctionProject(Path folder, boolean hasFunctions) {
    this(folder, hasFunctions, folder.resolve("target/koalja/pipeline.yaml"));
  }

  /** The same, where another build than that of Maven wrote the pipeline. */
  public FunctionProject builtElsewhere(Path otherInferred) {
    return new FunctionProject(folder, hasFunctions, otherInferred);
  }

  /** What people call it. */
  public String name() {
    return String.valueOf(folder.getFileName());
  }

  /**
   * The project in {@code folder}.
   *
   * @throws CliException when there is none
   */
  public static FunctionProject in(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    Path pom = absolute.resolve("pom.xml");
    try {
      if (Files.isRegularFile(pom) && Files.readString(pom).contains(RUNTIME)) {
        return new FunctionProject(absolute, true);
      }
    } catch (IOException e) {
      throw CliException.usage(pom + " cannot be read: " + e.getMessage());
    }
    FunctionProject bare = new FunctionProject(absolute, false);
    if (Files.isRegularFile(bare.handWritten())) {
      return bare;
    }
    throw CliException.usage(
        "%s is no Koalja project: it has neither a pom.xml with %s nor a pipeline.yaml; koalja init NAME makes one"
            .formatted(absolute, RUNTIME));
  }

  /** Its version, as its POM says it. */
  public String version() {
    return hasFunctions ? PomVersion.of(folder.resolve("pom.xml")) : "latest";
  }

  /** The folder that Maven leaves its functions in, ready to start. */
  public Path packaged() {
    return folder.resolve("target/quarkus-app");
  }

  /** What starts its functions. */
  public Path runnable() {
    return packaged().resolve("quarkus-run.jar");
  }

  /** The pipeline file people write. */
  public Path handWritten() {
    return folder.resolve("pipeline.yaml");
  }

  /** Whether the last build is older than a source, or than {@code runtime}. */
  public boolean stale(Optional<Path> runtime) {
    try {
      if (!Files.isRegularFile(runnable()) || !Files.isRegularFile(inferred())) {
        return true;
      }
      long built =
          Math.min(
              Files.getLastModifiedTime(runnable()).toMillis(),
              Files.getLastModifiedTime(inferred()).toMillis());
      List<Path> sources = new ArrayList<>(List.of(folder.resolve("pom.xml")));
      runtime.ifPresent(sources::add);
      Path src = folder.resolve("src/main");
      if (Files.isDirectory(src)) {
        try (Stream<Path> files = Files.walk(src)) {
          files.forEach(sources::add);
        }
      }
      for (Path source : sources) {
        if (Files.exists(source) && Files.getLastModifiedTime(source).toMillis() > built) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Its pipeline files, each to be laid over those before it. */
  public List<PipelineReader.Source> sources() {
    List<PipelineReader.Source> sources = new ArrayList<>();
    Path here = Path.of("").toAbsolutePath();
    for (Path file : List.of(inferred(), handWritten())) {
      if (Files.isRegularFile(file)) {
        try {
          String name = file.startsWith(here) ? here.relativize(file).toString() : file.toString();
          sources.add(new PipelineReader.Source(name, Files.readString(file)));
        } catch (IOException e) {
          throw CliException.usage(file + " cannot be read: " + e.getMessage());
        }
      }
    }
    return sources;
  }

  /** The apps whose functions its build has. */
  public Set<String> apps() {
    if (!hasFunctions) {
      return Set.of();
    }
    try {
      Pipeline pipeline =
          PipelineReader.read(
              new PipelineReader.Source(inferred().toString(), Files.readString(inferred())));
      Set<String> apps = new TreeSet<>();
      pipeline
          .tasks()
          .forEach(
              task -> {
                if (task.kind() instanceof TaskKind.Function function) {
                  apps.add(function.app().value());
                }
              });
      return apps;
    } catch (IOException e) {
      throw CliException.usage(inferred() + " cannot be read: " + e.getMessage());
    }
  }
}
