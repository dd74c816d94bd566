package dev.koalja.router;

import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.knative.serving.local.UnpackedImage;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.NameGrammar;
import dev.koalja.pipeline.definition.Release;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Finds the builds of apps in folders of this machine. */
@Singleton
public final class LocalApps {
  private static final Logger LOG = Logger.getLogger(LocalApps.class);
  private static final String JAR = "quarkus-run.jar";
  private static final String CURRENT = "current";
  private static final String BEGUN = "begun";
  private static final String HOME = "home";
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private final ServingConfig config;

  LocalApps(ServingConfig config) {
    this.config = config;
  }

  /**
   * The builds with which to begin, before any revision says which: of each app that is set, the
   * one that its run began with, or that of its folder; of each that came up while this ran, and
   * was not known when it was started first; and each app that is attached.
   *
   * @throws IllegalArgumentException when an app that is set has no build
   */
  List<AppBuild> first() {
    List<AppBuild> first = new ArrayList<>();
    config.attached().forEach((app, port) -> first.add(AppBuild.attached(new AppName(app), port)));
    config
        .apps()
        .forEach(
            (app, folder) -> {
              AppName name = new AppName(app);
              first.add(build(name, current(name).orElseGet(() -> buildOf(folder))));
            });
    for (AppName app : builtHere()) {
      if (!config.apps().containsKey(app.value()) && !config.attached().containsKey(app.value())) {
        current(app).ifPresent(folder -> first.add(build(app, folder)));
      }
    }
    return first;
  }

  private List<AppName> builtHere() {
    Path builds = config.builds().orElse(null);
    if (builds == null || !Files.isDirectory(builds)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(builds)) {
      return folders
          .filter(folder -> Files.isRegularFile(folder.resolve(CURRENT)))
          .map(folder -> String.valueOf(folder.getFileName()))
          .filter(NameGrammar::matches) // no app made any other folder
          .map(AppName::new)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A later build of an app.
   *
   * @param number the folder of the build below that of the app
   * @throws IllegalArgumentException when there is no such build, or none may be made here
   */
  public AppBuild later(AppName app, String number) {
    Path builds =
        config
            .builds()
            .orElseThrow(() -> new IllegalArgumentException("koalja.serving.builds is not set"));
    // what is run is what stands in that folder, whoever asks
    if (!NUMBER.matcher(number).matches()) {
      throw new IllegalArgumentException("\"" + number + "\" is no number of a build");
    }
    return build(app, builds.resolve(app.value()).resolve(number));
  }

  /**
   * The build of an app that belongs to a release. As long as this run is only beginning, it is the
   * one that it begins with: what was in force before is of an earlier run. Later a release that
   * does not say which build runs changes nothing: another pipeline's may have.
   *
   * @return empty when the app is not of this run, nothing is said of it, or its build is not here
   */
  Optional<AppBuild> released(AppName app, Release release) {
    Path builds = config.builds().orElse(null);
    if (builds == null
        || config.attached().containsKey(app.value())
        || !Files.isRegularFile(builds.resolve(app.value()).resolve(CURRENT))) {
      return Optional.empty();
    }
    Optional<Path> folder =
        Files.isRegularFile(builds.resolve(BEGUN))
            ? release
                .runs(app.value())
                .filter(_ -> release.home().equals(home(builds)))
                .map(number -> builds.resolve(app.value()).resolve("" + number))
                .filter(AppBuild::isIn)
            : current(app);
    try {
      return folder.map(found -> build(app, found));
    } catch (IllegalArgumentException e) {
      LOG.warnf("app %s goes on with what runs: %s", app, e.getMessage());
      return Optional.empty();
    }
  }

  private static String home(Path builds) {
    try {
      return Files.readString(builds.resolve(HOME)).strip();
    } catch (IOException _) {
      return "";
    }
  }

  private AppBuild build(AppName app, Path build) {
    Path folder = config.apps().get(app.value());
    AppBuild found = AppBuild.in(app, revision(build), build).withEnvironment(config.environment());
    if (found.workingDirectory().equals(build.toAbsolutePath().normalize())) {
      // a project's functions find its files; an image has a working directory of its own
      found = found.withWorkingDirectory(folder == null ? build : folder);
    }
    Integer port = config.debug().get(app.value());
    return port == null ? found : found.withDebugger(port);
  }

  private static Path buildOf(Path folder) {
    return AppBuild.isIn(folder) ? folder : folder.resolve("target/quarkus-app");
  }

  private Optional<Path> current(AppName app) {
    return config
        .builds()
        .map(builds -> builds.resolve(app.value()))
        .flatMap(
            builds -> {
              try {
                String number = Files.readString(builds.resolve(CURRENT)).strip();
                return Optional.of(builds.resolve(number)).filter(AppBuild::isIn);
              } catch (IOException _) {
                return Optional.empty(); // none was made yet
              }
            });
  }

  private String revision(Path build) {
    if (config.builds().filter(build::startsWith).isPresent()) {
      return String.valueOf(build.getFileName()); // its number
    }
    try {
      Optional<UnpackedImage> image = UnpackedImage.in(build);
      if (image.isPresent()) {
        return image.get().digest(); // in an image all files have one time
      }
      return Long.toHexString(Files.getLastModifiedTime(build.resolve(JAR)).toMillis());
    } catch (IOException _) {
      return "missing"; // AppBuild says so
    }
  }
}
