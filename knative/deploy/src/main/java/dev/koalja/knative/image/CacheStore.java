package dev.koalja.knative.image;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Start-up caches of images that were built on this machine, by what they were trained on: the JVM
 * does not write the same cache twice, so the same image twice needs the same file. Several builds
 * may use it at once. Bounded: those used longest ago go.
 */
final class CacheStore {
  private static final String SUFFIX = ".aot";
  private static final String DIGEST = ".sha256";
  private static final String FRESH = ".new";
  private static final int MOST = 20;
  private static final Duration HALF_WRITTEN = Duration.ofHours(1);

  private final Path folder;

  CacheStore(Path folder) {
    this.folder = folder;
  }

  /** Trains a cache into a file. */
  @FunctionalInterface
  interface Trainer {
    void train(Path target) throws IOException, InterruptedException;
  }

  /** {@code koalja/start-up-caches} in the folder of the user's caches. */
  static CacheStore ofUser() {
    String set = System.getenv("XDG_CACHE_HOME");
    Path caches =
        set != null && Path.of(set).isAbsolute()
            ? Path.of(set)
            : Path.of(System.getProperty("user.home"), ".cache");
    return new CacheStore(caches.resolve("koalja/start-up-caches"));
  }

  /**
   * Puts the cache for {@code content} into {@code target}, trained unless it was before.
   *
   * @param content a digest of all it is trained on
   * @throws IOException when training it fails, or the store cannot be written
   */
  void get(String content, Path target, Trainer trainer) throws IOException, InterruptedException {
    requireFolder();
    Path stored = folder.resolve(content + SUFFIX);
    // two builds of the same wait for one another, so that both have the same
    try (FileChannel lock =
            FileChannel.open(
                folder.resolve(content + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock _ = lock.lock()) {
      if (!isWhole(stored)) {
        trainer.train(target);
        Path fresh = folder.resolve(content + FRESH);
        Files.copy(target, fresh, StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(digestOf(stored), FileTree.digest(fresh));
        Files.move(
            fresh, stored, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } else {
        Files.createDirectories(target.resolveSibling(""));
        Files.copy(stored, target, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(stored, FileTime.from(Instant.now()));
      }
    }
    forgetOldest();
  }

  private void requireFolder() throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException(
          "start-up caches cannot be kept in %s (%s): set XDG_CACHE_HOME to a folder that can be written"
              .formatted(folder, e.getClass().getSimpleName()),
          e);
    }
    if (!Files.isWritable(folder)) {
      throw new IOException(
          "start-up caches cannot be kept in %s: set XDG_CACHE_HOME to a folder that can be written"
              .formatted(folder));
    }
  }

  /** Whether a cache is there as it was written; one that was damaged is trained anew. */
  private static boolean isWhole(Path stored) throws IOException {
    Path digest = digestOf(stored);
    return Files.isRegularFile(stored)
        && Files.isRegularFile(digest)
        && Files.readString(digest).equals(FileTree.digest(stored));
  }

  private static Path digestOf(Path stored) {
    return stored.resolveSibling(String.valueOf(stored.getFileName()).replace(SUFFIX, DIGEST));
  }

  private void forgetOldest() throws IOException {
    record Cache(Path file, long used) {}
    List<Cache> caches = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(SUFFIX)).toList()) {
        caches.add(new Cache(file, Files.getLastModifiedTime(file).toMillis()));
      }
    }
    caches.sort(Comparator.comparingLong(Cache::used).reversed());
    for (Cache old : caches.subList(Math.min(MOST, caches.size()), caches.size())) {
      Files.deleteIfExists(old.file());
      Files.deleteIfExists(digestOf(old.file()));
    }
    forgetHalfWritten();
  }

  /** Of builds that were killed. */
  private void forgetHalfWritten() throws IOException {
    Instant longAgo = Instant.now().minus(HALF_WRITTEN);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(FRESH)).toList()) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(longAgo)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
