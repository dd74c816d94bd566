package dev.koalja.router;

import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.pipeline.AppName;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the builds of apps in folders of this machine. */
@Singleton
public final class LocalApps {
  private static final String JAR = "quarkus-run.jar";
  private static final String CURRENT = "current";
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private final ServingConfig config;

  LocalApps(ServingConfig config) {
    this.config = config;
  }

  /**
   * The build of an app with which to begin: that of its folder, or a later one.
   *
   * @param folder a project folder that was built with Maven, or the build's own folder
   * @throws IllegalArgumentException when there is no build
   */
  AppBuild first(AppName app, Path folder) {
    return build(app, current(app).orElseGet(() -> buildOf(folder)));
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

  private AppBuild build(AppName app, Path build) {
    Path folder = config.apps().get(app.value());
    AppBuild found =
        AppBuild.quarkus(app, revision(build), build)
            .withWorkingDirectory(folder == null ? build : folder)
            .withEnvironment(config.environment());
    Integer port = config.debug().get(app.value());
    return port == null ? found : found.withDebugger(port);
  }

  private static Path buildOf(Path folder) {
    return Files.isRegularFile(folder.resolve(JAR)) ? folder : folder.resolve("target/quarkus-app");
  }

  private Optional<Path> current(AppName app) {
    return config
        .builds()
        .map(builds -> builds.resolve(app.value()))
        .flatMap(
            builds -> {
              try {
                String number = Files.readString(builds.resolve(CURRENT)).strip();
                return Optional.of(builds.resolve(number))
                    .filter(build -> Files.isRegularFile(build.resolve(JAR)));
              } catch (IOException _) {
                return Optional.empty(); // none was made yet
              }
            });
  }

  private static String revision(Path build) {
    try {
      return Long.toHexString(Files.getLastModifiedTime(build.resolve(JAR)).toMillis());
    } catch (IOException _) {
      return "missing"; // AppBuild says so
    }
  }
}
