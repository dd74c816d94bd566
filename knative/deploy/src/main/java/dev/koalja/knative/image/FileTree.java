package dev.koalja.knative.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Folders of files that go into an image. */
final class FileTree {
  /** The time that every file has in an image, so that the same content is the same layer. */
  static final Instant TIME = Instant.ofEpochSecond(1);

  private FileTree() {}

  /** All regular files, links followed, sorted. */
  static List<Path> files(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  static void delete(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Copies the files that {@code wanted} takes; their paths relative to {@code from} stay. */
  static void copy(Path from, Path to, Predicate<Path> wanted) throws IOException {
    for (Path file : files(from)) {
      Path relative = from.relativize(file);
      if (wanted.test(relative)) {
        Path target = to.resolve(relative.toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** Gives every file the time it has in the image. */
  static void settle(Path root) throws IOException {
    for (Path file : files(root)) {
      Files.setLastModifiedTime(file, FileTime.from(TIME));
    }
  }

  /** The SHA-256 of one file, in hex. */
  static String digest(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException("every Java platform has SHA-256", e));
    }
  }

  /** A digest over paths and contents, in hex. */
  static String digest(List<Path> roots, String salt) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt.getBytes(StandardCharsets.UTF_8));
      try (OutputStream sink = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
        for (Path root : roots) {
          for (Path file : files(root)) {
            sink.write((root.relativize(file) + "\n").getBytes(StandardCharsets.UTF_8));
            try (InputStream in = Files.newInputStream(file)) {
              in.transferTo(sink);
            }
          }
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException("every Java platform has SHA-256", e));
    }
  }
}
