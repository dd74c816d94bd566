package dev.koalja.builder;

import io.quarkus.bootstrap.BootstrapException;
import io.quarkus.bootstrap.app.CuratedApplication;
import io.quarkus.bootstrap.app.QuarkusBootstrap;
import io.quarkus.bootstrap.model.ApplicationModel;
import io.quarkus.bootstrap.resolver.AppModelResolverException;
import io.quarkus.bootstrap.resolver.BootstrapAppModelResolver;
import io.quarkus.bootstrap.resolver.maven.MavenArtifactResolver;
import io.quarkus.maven.dependency.ArtifactCoords;
import io.quarkus.maven.dependency.DependencyFlags;
import io.quarkus.maven.dependency.ResolvedDependency;
import io.quarkus.maven.dependency.ResolvedDependencyBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One project, with everything kept that only its POM decides: class path, the model of its
 * dependencies, the loaded build steps of Quarkus and its extensions. Not safe for threads.
 *
 * <p>It builds in a folder that looks like the project but is not it, so a build by Maven or an
 * editor at the same time disturbs neither.
 */
final class WarmProject {
  /** A folder that is being moved, or a disk that is not there, must not take tasks away. */
  private static final String NOTHING_LEFT =
      "src/main/java  no Java source is left, so no function would be: to run without them, stop and"
          + " run again";

  private final Path folder;
  private final Path work;
  private final Path classes;
  private final ChangedFunctions changed;
  private FileTime pomTime = FileTime.fromMillis(0);
  private @Nullable Warm warm;

  private record Warm(Pom pom, JavaSources sources, CuratedApplication quarkus) {}

  /**
   * @param folder of the project
   * @param work a folder to work in; {@code target/quarkus-app} below it is what a build leaves
   */
  WarmProject(Path folder, Path work) throws IOException {
    this.folder = folder;
    this.work = work;
    this.classes = work.resolve("target/classes");
    this.changed = new ChangedFunctions(folder.resolve("target/classes"));
  }

  /** Builds what the project is now. */
  Answer build() throws ForMavenException, IOException {
    Warm now = warm();
    Instant begin = Instant.now();
    List<Path> sources = now.sources.all();
    if (sources.isEmpty() && changed.knowsFunctions()) {
      return new Answer.Broken(List.of(NOTHING_LEFT));
    }
    clear(classes);
    copyResources(now.pom);
    copyPipelineFile();
    List<String> problems = now.sources.compile(sources, classes);
    if (!problems.isEmpty()) {
      return new Answer.Broken(problems);
    }
    Instant compiled = Instant.now();
    clear(work.resolve("target/quarkus-app"));
    try {
      now.quarkus.createAugmentor().createProductionApplication();
    } catch (RuntimeException e) {
      List<String> wrong = WrongCircuit.problems(e);
      if (wrong.isEmpty()) {
        throw e;
      }
      return new Answer.Broken(wrong);
    }
    return new Answer.Built(
        Duration.between(begin, compiled),
        Duration.between(compiled, Instant.now()),
        changed.since(classes));
  }

  private Warm warm() throws ForMavenException, IOException {
    FileTime time = Files.getLastModifiedTime(folder.resolve("pom.xml"));
    Warm known = warm;
    if (known != null && time.equals(pomTime)) {
      return known;
    }
    if (known != null) {
      warm = null;
      known.quarkus.close();
    }
    Files.createDirectories(classes);
    Pom pom = Pom.read(folder);
    ApplicationModel model = model(pom);
    requireOurQuarkus(model);
    CuratedApplication quarkus = curate(pom, model);
    Warm fresh = new Warm(pom, new JavaSources(pom, classPath(model)), quarkus);
    warm = fresh;
    pomTime = time;
    return fresh;
  }

  private ApplicationModel model(Pom pom) throws ForMavenException {
    try {
      return new BootstrapAppModelResolver(new MavenArtifactResolver(pom.maven()))
          .resolveManagedModel(artifact(pom), List.of(), null, Set.of());
    } catch (AppModelResolverException e) {
      throw new ForMavenException("its dependencies are not known offline: " + e.getMessage(), e);
    }
  }

  private ResolvedDependencyBuilder artifact(Pom pom) {
    return ResolvedDependencyBuilder.newInstance()
        .setGroupId(pom.model().getGroupId())
        .setArtifactId(pom.model().getArtifactId())
        .setType(ArtifactCoords.TYPE_JAR)
        .setVersion(pom.version())
        .setResolvedPath(classes);
  }

  /** The build steps of another Quarkus would meet classes of ours. */
  private static void requireOurQuarkus(ApplicationModel model) throws ForMavenException {
    String ours = QuarkusBootstrap.class.getPackage().getImplementationVersion();
    for (ResolvedDependency each : model.getDependencies()) {
      if (each.getGroupId().equals("io.quarkus")
          && each.getArtifactId().equals("quarkus-core")
          && !each.getVersion().equals(ours)) {
        throw new ForMavenException(
            "it uses Quarkus %s, not %s".formatted(each.getVersion(), ours));
      }
    }
  }

  private static List<Path> classPath(ApplicationModel model) {
    Set<Path> paths = new LinkedHashSet<>();
    for (ResolvedDependency each :
        model.getDependenciesWithAnyFlag(
            DependencyFlags.RUNTIME_CP | DependencyFlags.COMPILE_ONLY)) {
      each.getResolvedPaths().forEach(paths::add);
    }
    return new ArrayList<>(paths);
  }

  private CuratedApplication curate(Pom pom, ApplicationModel model) throws ForMavenException {
    Properties told = pom.quarkusProperties();
    // a cache takes longer to train than a process without one takes to start
    told.setProperty("koalja.cache.enabled", "false");
    try {
      return QuarkusBootstrap.builder()
          .setAppArtifact(model.getAppArtifact())
          .setApplicationRoot(classes)
          .setExistingModel(model)
          .setIsolateDeployment(true)
          .setBaseClassLoader(WarmProject.class.getClassLoader())
          .setMode(QuarkusBootstrap.Mode.PROD)
          .setBuildSystemProperties(told)
          .setProjectRoot(folder)
          .setBaseName(pom.finalName())
          .setTargetDirectory(work.resolve("target"))
          .build()
          .bootstrap();
    } catch (BootstrapException e) {
      throw new ForMavenException("Quarkus does not take it: " + e.getMessage(), e);
    }
  }

  private void copyResources(Pom pom) throws IOException {
    for (Path resources : pom.resources()) {
      for (Path file : SourceTree.files(resources)) {
        Path copy = classes.resolve(resources.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** The build steps look for it where the project has it: beside the folder they build into. */
  private void copyPipelineFile() throws IOException {
    Path file = folder.resolve("pipeline.yaml");
    Path copy = work.resolve("pipeline.yaml");
    if (Files.isRegularFile(file)) {
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.deleteIfExists(copy);
    }
  }

  private static void clear(Path root) throws IOException {
    if (Files.isDirectory(root)) {
      try (Stream<Path> all = Files.walk(root)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
    Files.createDirectories(root);
  }
}
