package dev.koalja.runtime.deployment;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where the command {@code koalja} is. */
final class KoaljaCommand {
  private static final String NAME = "koalja";

  private KoaljaCommand() {}

  /**
   * Looks in {@code KOALJA_HOME}, then on {@code PATH}, then in the folders above the project, one
   * of which may be a checkout of Koalja.
   *
   * @param home what {@code KOALJA_HOME} says
   * @param path what {@code PATH} says
   */
  static Optional<Path> find(Path project, Optional<String> home, Optional<String> path) {
    List<Path> places = new ArrayList<>();
    home.filter(text -> !text.isBlank()).map(Path::of).ifPresent(places::add);
    for (String folder : path.orElse("").split(File.pathSeparator)) {
      if (!folder.isBlank()) {
        places.add(Path.of(folder));
      }
    }
    for (Path above = project.toAbsolutePath(); above != null; above = above.getParent()) {
      if (Files.isDirectory(above.resolve("pipeline")) && Files.isDirectory(above.resolve("cli"))) {
        places.add(above);
      }
    }
    return places.stream()
        .map(place -> place.resolve(NAME))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .map(Path::toAbsolutePath)
        .findFirst();
  }
}
