package dev.koalja.benchmarks.coldstart;

import dev.koalja.benchmarks.Run;
import dev.koalja.launch.Jdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Gives peers a start-up cache, trained on the very request that is measured later: more than ours
 * gets, whose training run calls no function.
 */
final class Training {
  private static final int REQUESTS = 20;

  private Training() {}

  /** Trains {@code cache} unless this JDK made it with these flags from the jars as they are. */
  static void ensure(Subject subject, Path cache, Run run) throws IOException {
    Path origin = cache.resolveSibling(cache.getFileName() + ".origin");
    String current =
        "%s %s %s".formatted(Jdk.home(), Runtime.version(), String.join(" ", subject.flags()));
    if (isFresh(cache) && Files.exists(origin) && Files.readString(origin).equals(current)) {
      return;
    }
    run.progress("training a start-up cache: %s", subject.name());
    Files.deleteIfExists(cache);
    try (Start start = new Start(subject.training(cache), run.scratch().resolve("training.log"))) {
      start.firstReply();
      for (int i = 0; i < REQUESTS; i++) {
        start.ask();
      }
    }
    if (!Files.isRegularFile(cache)) {
      throw new IOException("no start-up cache for " + subject.name());
    }
    Files.writeString(origin, current);
  }

  private static boolean isFresh(Path cache) throws IOException {
    if (!Files.isRegularFile(cache)) {
      return false;
    }
    long trained = Files.getLastModifiedTime(cache).toMillis();
    try (Stream<Path> files = Files.walk(cache.toAbsolutePath().getParent())) {
      for (Path jar : files.filter(each -> each.toString().endsWith(".jar")).toList()) {
        if (Files.getLastModifiedTime(jar).toMillis() > trained) {
          return false;
        }
      }
    }
    return true;
  }
}
