package dev.koalja.launch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Options of the JVMs we start. A start-up cache holds only for the options it was made with. */
public final class JvmOptions {
  /** Kafka on one machine: small heap, little memory beside it. */
  public static final List<String> BROKER =
      List.of(
          "-Xmx512m",
          "-XX:+UseSerialGC",
          "-XX:-UsePerfData",
          "-XX:+UseCompactObjectHeaders",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /** Gateway, router and breadboard. */
  public static final List<String> SERVICE =
      List.of(
          "-Xmx512m",
          "-XX:+UseSerialGC",
          "-XX:-UsePerfData",
          "-XX:+UseCompactObjectHeaders",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private JvmOptions() {}

  /**
   * The options that use a start-up cache; none when it does not exist. A cache that does not fit
   * any more costs time, never an error.
   */
  public static List<String> cache(Path file) {
    return Files.isRegularFile(file)
        ? List.of("-XX:AOTCache=" + file, "-Xlog:disable", "-Xlog:all=error:stderr")
        : List.of();
  }
}
