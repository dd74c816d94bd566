package dev.koalja.knative.image;

import dev.koalja.knative.serving.local.StartupCache;
import dev.koalja.pipeline.AppName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * An image to build.
 *
 * @param app the app; also the name of the image
 * @param version its version; also the tag
 * @param quarkusApp the folder with {@code quarkus-run.jar} that {@code mvn package} left
 * @param output where archive, layout and bill of materials go, such as {@code target}
 * @param work where intermediate files go, which make the next build faster
 * @param javaHome the JDK whose trimmed JRE goes into the image
 * @param moreModules modules of the JDK beside those that the classes of the app refer to
 * @param samples requests that the training of the start-up cache sends; they run the functions
 * @param pipeline the pipeline file that the image carries, for whoever runs it by itself
 * @param labels more labels, beside those that every image has
 * @param base an image to build on; without one it has loader and C library of this machine
 * @param insecureBase whether the registry of the base may speak plain HTTP, wherever it is
 */
public record ImageRequest(
    AppName app,
    String version,
    Path quarkusApp,
    Path output,
    Path work,
    Path javaHome,
    Set<String> moreModules,
    List<StartupCache.Sample> samples,
    Optional<String> pipeline,
    Map<String, String> labels,
    Optional<ImageSource> base,
    boolean insecureBase) {
  /** Labels that say what app an image has, for whoever runs it. */
  static final String TITLE = "org.opencontainers.image.title";

  static final String VERSION = "org.opencontainers.image.version";
  private static final List<String> OURS = List.of(TITLE, VERSION, ImageReader.APP);

  public ImageRequest {
    if (!version.matches("[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}")) {
      throw new IllegalArgumentException(
          "\"%s\" is no image tag: letters, digits, underscores, dots and dashes, at most 128"
              .formatted(version));
    }
    labels.keySet().stream()
        .filter(label -> !label.matches("[a-z0-9]([-a-z0-9._/]{0,126}[a-z0-9])?"))
        .findFirst()
        .ifPresent(
            label -> {
              throw new IllegalArgumentException(
                  "\"%s\" is no name of a label: lower-case letters, digits, dots, dashes"
                      .formatted(label));
            });
    OURS.stream()
        .filter(labels::containsKey)
        .findFirst()
        .ifPresent(
            label -> {
              throw new IllegalArgumentException(
                  "the label %s says what the image is, and is not given".formatted(label));
            });
    quarkusApp = quarkusApp.toAbsolutePath().normalize();
    output = output.toAbsolutePath().normalize();
    work = work.toAbsolutePath().normalize();
    moreModules = Set.copyOf(moreModules);
    samples = List.copyOf(samples);
    labels = Map.copyOf(labels);
  }

  /** An image with the JDK of this process and nothing special. */
  public static ImageRequest of(AppName app, String version, Path quarkusApp, Path output) {
    return new ImageRequest(
        app,
        version,
        quarkusApp,
        output,
        output.resolve("koalja-image"),
        Path.of(System.getProperty("java.home")),
        Set.of(),
        List.of(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        false);
  }

  /** The same, carrying a pipeline file. */
  public ImageRequest withPipeline(String file) {
    return with(draft -> draft.pipeline = Optional.of(file));
  }

  /** The same with another place for intermediate files. */
  public ImageRequest withWork(Path folder) {
    return with(draft -> draft.work = folder);
  }

  /** The same with more labels. */
  public ImageRequest withLabels(Map<String, String> more) {
    return with(draft -> draft.labels = more);
  }

  /** The same, on another image. */
  public ImageRequest onBase(ImageSource image) {
    return onBase(image, false);
  }

  /**
   * The same, on another image.
   *
   * @param insecure whether its registry may speak plain HTTP; one of this machine always may
   */
  public ImageRequest onBase(ImageSource image, boolean insecure) {
    return with(
        draft -> {
          draft.base = Optional.of(image);
          draft.insecureBase = insecure;
        });
  }

  private ImageRequest with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new ImageRequest(
        app,
        version,
        quarkusApp,
        output,
        draft.work,
        javaHome,
        moreModules,
        samples,
        draft.pipeline,
        draft.labels,
        draft.base,
        draft.insecureBase);
  }

  /** What may be said after the rest. */
  private static final class Draft {
    private Path work;
    private Optional<String> pipeline;
    private Map<String, String> labels;
    private Optional<ImageSource> base;
    private boolean insecureBase;

    private Draft(ImageRequest request) {
      this.work = request.work;
      this.pipeline = request.pipeline;
      this.labels = request.labels;
      this.base = request.base;
      this.insecureBase = request.insecureBase;
    }
  }
}
