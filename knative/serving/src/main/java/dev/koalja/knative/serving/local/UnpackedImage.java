package dev.koalja.knative.serving.local;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An image of an app whose files lie in a folder of this machine: the root file system in {@code
 * root}, and what the image says of itself in {@code image.json} beside it, which is written last.
 * A process of it is what a container of it would be: the JRE, flags, start-up cache and
 * environment of the image, at the paths they have here.
 *
 * @param app whose image it is
 * @param version its tag
 * @param digest of its manifest, with {@code sha256:} before it
 * @param command its entry point, with the paths it has inside
 * @param environment what the image sets
 */
public record UnpackedImage(
    AppName app,
    String version,
    String digest,
    List<String> command,
    Map<String, String> environment) {
  /** Where the root file system of the image is, in the folder. */
  public static final String ROOT = "root";

  private static final String FILE = "image.json";
  private static final String CACHE = "-XX:AOTCache=";
  private static final String JAVA = "/bin/java";
  private static final String JAR = "-jar";

  public UnpackedImage {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /**
   * The image that was unpacked to a folder; empty when none was, or not to its end.
   *
   * @throws IOException when what it says of itself cannot be read
   */
  public static Optional<UnpackedImage> in(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    return Files.isRegularFile(file)
        ? Optional.of(Json.MAPPER.readValue(file.toFile(), UnpackedImage.class))
        : Optional.empty();
  }

  /** Says in {@code folder} that the image is all there. */
  public void finish(Path folder) throws IOException {
    Path fresh = folder.resolve(FILE + ".new");
    Files.write(fresh, Json.MAPPER.writeValueAsBytes(this));
    Files.move(fresh, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Whether the command is one that {@link #build} understands: Java out of the image, flags, and a
   * jar.
   */
  public boolean startsAJar() {
    int jar = command.indexOf(JAR);
    return jar > 0
        && jar == command.size() - 2
        && command.getFirst().startsWith("/")
        && command.getFirst().endsWith(JAVA)
        && command.getLast().startsWith("/");
  }

  /**
   * How to run it where it was unpacked to.
   *
   * @param revision tells builds of the app apart
   * @throws IllegalArgumentException when it is another app's, or its command is not one of ours
   */
  public AppBuild build(AppName name, String revision, Path folder) {
    if (!app.equals(name)) {
      throw new IllegalArgumentException(
          "%s has the image of app %s, not of %s".formatted(folder, app, name));
    }
    if (!startsAJar()) {
      throw new IllegalArgumentException(
          "the image in %s does not start a jar with a Java of its own".formatted(folder));
    }
    Path root = folder.resolve(ROOT);
    List<String> flags = new ArrayList<>();
    Optional<Path> cache = Optional.empty();
    for (String flag : command.subList(1, command.size() - 2)) {
      if (flag.startsWith(CACHE)) {
        cache = Optional.of(inside(root, flag.substring(CACHE.length())));
      } else {
        flags.add(flag);
      }
    }
    Path jar = inside(root, command.getLast());
    Path java = inside(root, command.getFirst());
    // a process here listens where it is told to, as a container does; the rest is the image's
    Map<String, String> values = new TreeMap<>(environment);
    values.keySet().removeAll(List.of("PORT", "KOALJA_HOST"));
    return new AppBuild(
        app,
        revision,
        List.of(JAR, jar.toString()),
        jar.resolveSibling(""),
        values,
        java.resolveSibling("").resolveSibling(""),
        flags,
        cache.filter(Files::isRegularFile));
  }

  private static Path inside(Path root, String path) {
    Path absolute = root.toAbsolutePath().normalize();
    Path inside = absolute.resolve(path.substring(1)).normalize();
    if (!path.startsWith("/") || !inside.startsWith(absolute)) {
      throw new IllegalArgumentException(path + " is no path inside of an image");
    }
    return inside;
  }
}
