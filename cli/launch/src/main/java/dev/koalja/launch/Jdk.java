package dev.koalja.launch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The JDK that runs our processes: 25, as the start-up caches and the code need exactly that. */
public final class Jdk {
  /** The one release everything is built and run with. */
  public static final int RELEASE = 25;

  private Jdk() {}

  /**
   * Its folder: that of this process if it is one, else {@code JAVA_HOME}.
   *
   * @throws LaunchException saying what to install
   */
  public static Path home() {
    if (Runtime.version().feature() == RELEASE) {
      return Path.of(System.getProperty("java.home"));
    }
    return Stream.of(Optional.ofNullable(System.getenv("JAVA_HOME")))
        .flatMap(Optional::stream)
        .map(Path::of)
        .filter(Jdk::isRight)
        .findFirst()
        .orElseThrow(
            () ->
                new LaunchException(
                    "JDK 25 is needed and this is Java %d: install one (such as Eclipse Temurin 25) and set JAVA_HOME to it"
                        .formatted(Runtime.version().feature())));
  }

  /** The {@code java} program of {@link #home}. */
  public static Path java() {
    return home().resolve("bin/java");
  }

  private static boolean isRight(Path home) {
    try (Stream<String> lines = Files.lines(home.resolve("release"))) {
      return lines.anyMatch(
          line ->
              List.of("\"25\"", "\"25.").stream().anyMatch(line::contains)
                  && line.startsWith("JAVA_VERSION="));
    } catch (java.io.IOException e) {
      return false;
    }
  }
}
