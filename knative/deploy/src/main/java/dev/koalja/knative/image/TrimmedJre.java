package dev.koalja.knative.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;

/** A JRE with only the modules that an app needs, made by {@code jlink}. */
final class TrimmedJre {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Needs a display or a sound card, and their libraries; a container has none. */
  private static final List<String> HEADED =
      List.of("libawt_xawt.so", "libjawt.so", "libsplashscreen.so", "libjsound.so");

  private TrimmedJre() {}

  /**
   * Makes sure that {@code target} is such a JRE; one that is there already and fits is kept.
   *
   * @throws IOException when {@code jlink} fails; the message has what it printed
   */
  static void link(Path javaHome, SortedSet<String> modules, Path target)
      throws IOException, InterruptedException {
    link(javaHome, modules, target, LIMIT);
  }

  /**
   * @param limit how long {@code jlink} may take
   */
  static void link(Path javaHome, SortedSet<String> modules, Path target, Duration limit)
      throws IOException, InterruptedException {
    String key = key(javaHome, modules);
    Path keyFile = target.resolveSibling(target.getFileName() + ".key");
    if (Files.exists(keyFile)
        && Files.isDirectory(target)
        && Files.readString(keyFile).equals(key)) {
      return;
    }
    Files.deleteIfExists(keyFile);
    FileTree.delete(target);
    Path jlink = javaHome.resolve("bin/jlink");
    if (!Files.isExecutable(jlink)) {
      throw new IOException(jlink + " is missing: images need a whole JDK 25, not a JRE");
    }
    // a file, because reading its output from a pipe would wait for its end without any limit
    Path output = target.resolveSibling(target.getFileName() + ".jlink.log");
    Process process =
        new ProcessBuilder(
                jlink.toString(),
                "--add-modules",
                String.join(",", modules),
                "--strip-java-debug-attributes",
                "--no-header-files",
                "--no-man-pages",
                // layers are compressed anyway, and a start reads faster what is not
                "--compress",
                "zip-0",
                "--output",
                target.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IOException(
            "jlink took longer than %d s and was stopped: %s"
                .formatted(limit.toSeconds(), text(output)));
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IOException("jlink failed: " + text(output));
    }
    Files.delete(output);
    for (String name : HEADED) {
      Files.deleteIfExists(target.resolve("lib").resolve(name));
    }
    Files.writeString(keyFile, key);
  }

  private static String text(Path output) throws IOException {
    return new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip();
  }

  private static String key(Path javaHome, SortedSet<String> modules) throws IOException {
    return String.join(",", modules)
        + "\n"
        + Files.size(javaHome.resolve("lib/modules"))
        + "\n"
        + Files.readString(javaHome.resolve("release"));
  }
}
