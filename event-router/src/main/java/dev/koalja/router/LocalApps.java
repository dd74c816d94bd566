package dev.koalja.router;

import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.pipeline.AppName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Finds the builds of apps in folders of this machine. */
final class LocalApps {
  private static final String JAR = "quarkus-run.jar";

  private LocalApps() {}

  /**
   * The build of an app.
   *
   * @param folder a project folder that was built with Maven, or the build's own folder
   * @throws IllegalArgumentException when there is no build
   */
  static AppBuild find(AppName app, Path folder, Map<String, String> environment) {
    Path build =
        Files.isRegularFile(folder.resolve(JAR)) ? folder : folder.resolve("target/quarkus-app");
    return AppBuild.quarkus(app, revision(build), build)
        .withWorkingDirectory(folder)
        .withEnvironment(environment);
  }

  private static String revision(Path build) {
    try {
      return Long.toHexString(Files.getLastModifiedTime(build.resolve(JAR)).toMillis());
    } catch (IOException _) {
      return "missing"; // AppBuild says so
    }
  }
}
