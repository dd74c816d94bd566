package dev.koalja.benchmarks.coldstart;

import dev.koalja.knative.serving.local.AppBuild;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program that greets whoever a CloudEvent names, and how it is started. It listens on the port
 * the environment variable {@code PORT} says.
 *
 * @param name what the table calls it
 * @param folder where it is; a start-up cache of it lies there too
 * @param program what follows the flags: {@code -jar} and a file, or {@code -cp}, jars and a class
 * @param flags options of its JVM
 * @param environment beside ours and {@code PORT}
 */
record Subject(
    String name,
    Path folder,
    List<String> program,
    List<String> flags,
    Map<String, String> environment) {

  /** As somebody runs it who sets nothing. */
  static Subject plain(String name, Path jar, Map<String, String> environment) {
    return new Subject(name, jar.resolveSibling(""), run(jar), List.of(), environment);
  }

  /** The same with a flag more. */
  Subject with(String flag) {
    List<String> more = new ArrayList<>(flags);
    more.add(flag);
    return new Subject(name, folder, program, more, environment);
  }

  /** With the flags of our function processes. */
  static Subject flagged(String name, Path jar, Map<String, String> environment) {
    return new Subject(name, jar.resolveSibling(""), run(jar), AppBuild.FLAGS, environment);
  }

  /** The same with a start-up cache, which has to exist by the time it is started. */
  Subject cached(String name, Path cache) {
    return with("-XX:AOTCache=" + cache);
  }

  private static List<String> run(Path jar) {
    return List.of("-jar", jar.toString());
  }

  /** The same, learning: writes {@code cache} when it ends. */
  Subject training(Path cache) {
    return with("-XX:AOTCacheOutput=" + cache);
  }
}
