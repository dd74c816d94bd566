package dev.koalja.function;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** Objects as files: bucket = folder, key = path below it. Nothing outside the root is reached. */
final class FolderObjectStore implements ObjectStore {
  private final Path root;

  FolderObjectStore(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public byte[] read(String bucket, String key) throws IOException {
    return Files.readAllBytes(existing(bucket, key));
  }

  @Override
  public URI write(String bucket, String key, byte[] data) throws IOException {
    Path file = file(bucket, key);
    Path folder = parent(file);
    inside(folder);
    Files.createDirectories(folder);
    Path unfinished = Files.createTempFile(folder, ".koalja-", ".part");
    try {
      Files.write(unfinished, data);
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    return file.toUri();
  }

  @Override
  public boolean exists(String bucket, String key) throws IOException {
    Path file = file(bucket, key);
    inside(parent(file));
    return Files.isRegularFile(file);
  }

  @Override
  public void delete(String bucket, String key) throws IOException {
    Path file = file(bucket, key);
    inside(parent(file));
    // an empty folder would go otherwise, and one that is not empty would fail
    if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(file);
    }
  }

  private Path existing(String bucket, String key) throws IOException {
    Path file = file(bucket, key);
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such object");
    }
    inside(file);
    return file;
  }

  private Path file(String bucket, String key) {
    if (!plain(bucket) || bucket.indexOf('/') >= 0) {
      throw new IllegalArgumentException("\"" + bucket + "\" is no bucket name");
    }
    if (key.startsWith("/") || key.endsWith("/") || key.isEmpty()) {
      throw new IllegalArgumentException("\"" + key + "\" is no key of an object");
    }
    for (String segment : key.split("/", -1)) {
      if (!plain(segment)) {
        throw new IllegalArgumentException("the key \"" + key + "\" leads out of the object store");
      }
    }
    return root.resolve(bucket).resolve(key);
  }

  private static boolean plain(String segment) {
    return !segment.isEmpty()
        && !segment.equals(".")
        && !segment.equals("..")
        && segment.indexOf('\\') < 0
        && segment.indexOf('\0') < 0;
  }

  /** A link in the file system could lead out of the root where the name does not. */
  private void inside(Path path) throws IOException {
    Path existing = path;
    while (!Files.exists(existing) && !existing.equals(root)) {
      existing = parent(existing);
    }
    if (Files.exists(root) && !existing.toRealPath().startsWith(root.toRealPath())) {
      throw new IllegalArgumentException(
          "\"" + root.relativize(path) + "\" leads out of the object store");
    }
  }

  private static Path parent(Path path) {
    @Nullable Path parent = path.getParent();
    return parent == null ? path : parent;
  }

  @Override
  public String toString() {
    return "objects in " + root;
  }
}
