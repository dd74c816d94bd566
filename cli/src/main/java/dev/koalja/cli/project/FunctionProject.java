package dev.koalja.cli.project;

import dev.koalja.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A folder with functions, a hand-written pipeline file, or both.
 *
 * @param folder the folder, absolute
 * @param hasFunctions whether it is a Maven project of functions
 * @param attached whether somebody else builds and runs its functions
 */
public record FunctionProject(Path folder, boolean hasFunctions, boolean attached) {
  private static final String RUNTIME = "koalja-function-runtime";

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
        return new FunctionProject(absolute, true, false);
      }
    } catch (IOException e) {
      throw CliException.usage(pom + " cannot be read: " + e.getMessage());
    }
    FunctionProject bare = new FunctionProject(absolute, false, false);
    if (Files.isRegularFile(bare.handWritten())) {
      return bare;
    }
    throw CliException.usage(
        "%s is no Koalja project: it has neither a pom.xml with %s nor a pipeline.yaml; koalja init NAME makes one"
            .formatted(absolute, RUNTIME));
  }

  /** The same project, whose functions somebody else builds and runs. */
  FunctionProject attach() {
    return new FunctionProject(folder, hasFunctions, true);
  }

  /** Whether its functions are built and started by us. */
  public boolean buildsHere() {
    return hasFunctions && !attached;
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

  /** The pipeline its code means, as the build of Maven writes it. */
  public Path inferred() {
    return folder.resolve("target/koalja/pipeline.yaml");
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
      SourceTree.Found found = SourceTree.find(folder.resolve("src/main"));
      sources.addAll(found.folders()); // their time says that a file went
      sources.addAll(found.files());
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
}
