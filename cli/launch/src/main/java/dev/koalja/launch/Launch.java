package dev.koalja.launch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How to start a process.
 *
 * @param name what messages call it
 * @param command program and arguments
 * @param environment what is added to this process' environment
 * @param folder its working folder; empty: ours
 * @param log where its output is appended
 * @param ready the beginning of the line by which it says that it is ready
 * @param limit how long that may take
 */
public record Launch(
    String name,
    List<String> command,
    Map<String, String> environment,
    Optional<Path> folder,
    Path log,
    String ready,
    Duration limit) {
  /** How long a process may take to be ready on a busy machine. */
  public static final Duration LIMIT = Duration.ofSeconds(120);

  public Launch {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /**
   * A JVM that runs a jar.
   *
   * @param options options of the JVM, system properties included
   */
  public static Launch jar(
      String name,
      Path jar,
      List<String> options,
      Map<String, String> environment,
      Path log,
      String ready) {
    if (!java.nio.file.Files.isRegularFile(jar)) {
      throw new LaunchException("not built: " + jar + " is missing; run ./build first");
    }
    List<String> command = new ArrayList<>();
    command.add(Jdk.java().toString());
    command.addAll(options);
    command.add("-jar");
    command.add(jar.toString());
    return new Launch(name, command, environment, Optional.empty(), log, ready, LIMIT);
  }
}
