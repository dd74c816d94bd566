package dev.koalja.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where Koalja is installed: a checkout that has been built.
 *
 * @param root the folder that has {@code pipeline/} and {@code cli/} in it
 */
public record KoaljaHome(Path root) {

  /**
   * Finds it: system property {@code koalja.home}, environment {@code KOALJA_HOME}, else the
   * working folder or the nearest one above that looks like it.
   *
   * @throws LaunchException when there is none
   */
  public static KoaljaHome find() {
    Optional<String> told =
        Optional.ofNullable(System.getProperty("koalja.home"))
            .or(() -> Optional.ofNullable(System.getenv("KOALJA_HOME")))
            .filter(text -> !text.isBlank());
    if (told.isPresent()) {
      Path root = Path.of(told.get()).toAbsolutePath().normalize();
      if (!isHome(root)) {
        throw new LaunchException(
            "koalja.home is " + root + ", which has no Koalja in it (pipeline/ and cli/)");
      }
      return new KoaljaHome(root);
    }
    Path start = Path.of("").toAbsolutePath();
    for (Path each = start; each != null; each = each.getParent()) {
      if (isHome(each)) {
        return new KoaljaHome(each);
      }
    }
    throw new LaunchException(
        "Koalja is not found at or above " + start + ": set KOALJA_HOME to its folder");
  }

  private static boolean isHome(Path folder) {
    return Files.isDirectory(folder.resolve("pipeline"))
        && Files.isDirectory(folder.resolve("cli"));
  }

  /** The class path folder of the broker and its start-up cache. */
  public Path brokerFolder() {
    return root.resolve("cli/broker/target/broker");
  }

  /** The class path folder of the process that builds changed functions again. */
  public Path builderFolder() {
    return root.resolve("cli/builder/target/builder");
  }

  /** The breadboard: gateway, router and local serving in one process. */
  public Path breadboardJar() {
    return root.resolve("cli/breadboard/target/quarkus-app/quarkus-run.jar");
  }

  /** The gateway alone. */
  public Path gatewayJar() {
    return root.resolve("gateway/app/target/quarkus-app/quarkus-run.jar");
  }

  /** The event router alone. */
  public Path routerJar() {
    return root.resolve("event-router/app/target/quarkus-app/quarkus-run.jar");
  }

  /**
   * Every jar of a folder as a class path. Sorted: a start-up cache is bound to the order.
   *
   * @throws LaunchException when there is none, because it is not built
   */
  static String classPath(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> jars =
          files.map(Path::toString).filter(name -> name.endsWith(".jar")).sorted().toList();
      if (!jars.isEmpty()) {
        return String.join(java.io.File.pathSeparator, jars);
      }
    } catch (IOException e) {
      // the same answer as an empty folder
    }
    throw new LaunchException("not built: " + folder + " has no jars; run ./build first");
  }
}
