package dev.koalja.knative.image;

import dev.koalja.knative.serving.local.StartupCache;
import dev.koalja.pipeline.AppName;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * An image to build.
 *
 * @param app the app; also the name of the image
 * @param version its version; also the tag
 * @param quarkusApp the folder with {@code quarkus-run.jar} that {@code mvn package} left
 * @param output where archive, layout and intermediate files go, such as {@code target}
 * @param javaHome the JDK whose trimmed JRE goes into the image
 * @param moreModules modules of the JDK beside those that the classes of the app refer to
 * @param samples requests that the training of the start-up cache sends; they run the functions
 */
public record ImageRequest(
    AppName app,
    String version,
    Path quarkusApp,
    Path output,
    Path javaHome,
    Set<String> moreModules,
    List<StartupCache.Sample> samples) {
  public ImageRequest {
    if (!version.matches("[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}")) {
      throw new IllegalArgumentException(
          "\"%s\" is no image tag: letters, digits, underscores, dots and dashes, at most 128"
              .formatted(version));
    }
    quarkusApp = quarkusApp.toAbsolutePath().normalize();
    output = output.toAbsolutePath().normalize();
    moreModules = Set.copyOf(moreModules);
    samples = List.copyOf(samples);
  }

  /** An image with the JDK of this process and nothing special. */
  public static ImageRequest of(AppName app, String version, Path quarkusApp, Path output) {
    return new ImageRequest(
        app,
        version,
        quarkusApp,
        output,
        Path.of(System.getProperty("java.home")),
        Set.of(),
        List.of());
  }
}
