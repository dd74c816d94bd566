package dev.koalja.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Options of the JVMs we start. A start-up cache holds only for the options it was made with. */
public final class JvmOptions {
  /**
   * Names the environment variable with more options, separated by spaces; the later one counts.
   */
  public static final String MORE = "KOALJA_JVM_OPTIONS";

  private static final List<String> BROKER =
      List.of(
          "-Xmx512m",
          "-XX:+UseSerialGC",
          "-XX:-UsePerfData",
          "-XX:+UseCompactObjectHeaders",
          // what the compiler freed goes back to the system, once a minute; glibc would keep it
          "-XX:TrimNativeHeapInterval=60000",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private static final List<String> SERVICE =
      Stream.concat(BROKER.stream(), Stream.of("-XX:NewRatio=1")).toList();

  /** Builds functions again while somebody waits: a small machine must have room for it. */
  static final List<String> BUILDER =
      List.of(
          "-Xmx512m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData",
          "-XX:+UseCompactObjectHeaders",
          "-Djava.util.logging.manager=org.jboss.logmanager.LogManager");

  private JvmOptions() {}

  /** Of Kafka on one machine: small heap, little memory beside it; then what the user adds. */
  public static List<String> broker() {
    return withMore(BROKER, System.getenv(MORE));
  }

  /**
   * Of gateway, router and breadboard; then what the user adds. What is in flight is what lives in
   * their young generation, and each collection copies it: so the fewer the better, and half of the
   * heap is young.
   */
  public static List<String> service() {
    return withMore(SERVICE, System.getenv(MORE));
  }

  static List<String> withMore(List<String> options, @Nullable String more) {
    Stream<String> words = Stream.of((more == null ? "" : more).strip().split("\\s+"));
    return Stream.concat(options.stream(), words.filter(word -> !word.isEmpty())).toList();
  }

  /**
   * The options that use a start-up cache; none when it does not exist or a jar is newer.
   *
   * <p>The JVM itself does not notice that a jar was replaced after the training: it would run the
   * old classes.
   *
   * @param file the cache
   * @param jars the folder of the jars it was trained on
   */
  public static List<String> cache(Path file, Path jars) {
    try (Stream<Path> files = Files.walk(jars)) {
      long trained = Files.getLastModifiedTime(file).toMillis();
      for (Path jar : files.filter(each -> each.toString().endsWith(".jar")).toList()) {
        if (Files.getLastModifiedTime(jar).toMillis() > trained) {
          return List.of();
        }
      }
      return List.of("-XX:AOTCache=" + file, "-Xlog:disable", "-Xlog:all=error:stderr");
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // there is none: a start takes longer, nothing else
    }
  }
}
