package dev.koalja.runtime.deployment;

import io.quarkus.builder.item.SimpleBuildItem;
import io.quarkus.maven.dependency.ResolvedDependency;
import io.quarkus.paths.PathTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Names the code of an app, so that every result can say which code made it. */
final class CodeRevision extends SimpleBuildItem {
  private static final int DIGITS = 10;

  private final String name;

  private CodeRevision(String name) {
    this.name = name;
  }

  /** The version and the digest: {@code 1.3.0+5ef7803f23}. */
  String name() {
    return name;
  }

  /**
   * The version and the digest of all that an app runs, its libraries included: the same files, the
   * same revision.
   *
   * @param version the app's version
   * @param files the app's own classes and resources
   * @param libraries what it has on its class path beside them
   */
  static CodeRevision of(
      String version, PathTree files, Collection<? extends ResolvedDependency> libraries) {
    MessageDigest digest = sha256();
    add(digest, files);
    libraries.stream()
        .sorted(Comparator.comparing(ResolvedDependency::toCompactCoords))
        .forEach(
            library -> {
              add(digest, library.toCompactCoords());
              for (Path path : library.getResolvedPaths()) {
                if (Files.isDirectory(path)) {
                  add(digest, PathTree.ofDirectoryOrArchive(path)); // a module of the same project
                } else if (Files.exists(path)) {
                  addArchive(digest, path);
                }
              }
            });
    return new CodeRevision(
        version + "+" + HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS));
  }

  private static void add(MessageDigest digest, PathTree files) {
    Map<String, Path> sorted = new TreeMap<>();
    files.walk(
        visit -> {
          if (Files.isRegularFile(visit.getPath())) {
            sorted.put(visit.getRelativePath("/"), visit.getPath());
          }
        });
    sorted.forEach(
        (name, path) -> {
          add(digest, name);
          digest.update(read(path));
        });
  }

  /** Its table of contents has a checksum of each file: nothing needs to be unpacked. */
  private static void addArchive(MessageDigest digest, Path archive) {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      List<? extends ZipEntry> entries =
          zip.stream().sorted(Comparator.comparing(ZipEntry::getName)).toList();
      for (ZipEntry entry : entries) {
        add(digest, entry.getName());
        digest.update(
            ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(entry.getCrc())
                .putLong(entry.getSize())
                .flip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void add(MessageDigest digest, String word) {
    digest.update(word.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private static byte[] read(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
