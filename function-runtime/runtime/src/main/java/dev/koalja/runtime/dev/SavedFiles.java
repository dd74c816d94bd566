package dev.koalja.runtime.dev;

import io.quarkus.dev.spi.HotReplacementContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The files a project is built from: sources, resources and its {@code pipeline.yaml}. Size and
 * time of each say whether it changed. For one thread.
 */
final class SavedFiles {
  /** How often one looks; what is saved waits half of it on average. */
  static final Duration LOOK = Duration.ofMillis(250);

  /** How long nothing may change before a change is complete: editors save in steps. */
  static final Duration QUIET = Duration.ofMillis(60);

  private final Supplier<List<Path>> roots;
  private Map<Path, Stamp> known;

  private record Stamp(long size, long modified) {}

  SavedFiles(HotReplacementContext context) {
    this(() -> roots(context));
  }

  /**
   * Whatever is saved from now on is a change.
   *
   * @param roots files and folders; asked at each look
   */
  SavedFiles(Supplier<List<Path>> roots) {
    this.roots = roots;
    this.known = stamps();
  }

  private static List<Path> roots(HotReplacementContext context) {
    return Stream.of(
            context.getSourcesDir().stream(),
            context.getResourcesDir().stream(),
            // where the build looks for it: beside the folder that classes are compiled into
            context.getClassesDir().stream()
                .map(classes -> classes.resolve("../../pipeline.yaml").normalize()))
        .flatMap(each -> each)
        .distinct()
        .toList();
  }

  /** Waits until something has changed, and then until nothing does for a moment. */
  void awaitChange() throws InterruptedException {
    while (true) {
      Thread.sleep(LOOK);
      Map<Path, Stamp> now = stamps();
      if (!now.equals(known)) {
        Map<Path, Stamp> before;
        do {
          before = now;
          Thread.sleep(QUIET);
          now = stamps();
        } while (!now.equals(before));
        known = now;
        return;
      }
    }
  }

  private Map<Path, Stamp> stamps() {
    Map<Path, Stamp> stamps = new HashMap<>();
    for (Path root : roots.get()) {
      try (Stream<Path> files = Files.exists(root) ? Files.walk(root) : Stream.empty()) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          stamps.put(
              file,
              new Stamp(
                  Files.size(file), Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS)));
        }
      } catch (IOException | UncheckedIOException e) {
        // something went away just now: the next look sees the rest
      }
    }
    return stamps;
  }
}
