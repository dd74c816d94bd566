package dev.koalja.runtime.deployment;

import io.quarkus.paths.PathTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** Names the code of an app, so that every result can say which code made it. */
final class CodeRevision {
  private static final int DIGITS = 10;

  private CodeRevision() {}

  /**
   * The version and the digest of all files of the app: the same files, the same revision.
   *
   * @param version the app's version
   * @param files the app's own classes and resources
   */
  static String of(String version, PathTree files) {
    Map<String, Path> sorted = new TreeMap<>();
    MessageDigest digest = sha256();
    files.walk(
        visit -> {
          if (Files.isRegularFile(visit.getPath())) {
            sorted.put(visit.getRelativePath("/"), visit.getPath());
          }
        });
    sorted.forEach(
        (name, path) -> {
          digest.update(name.getBytes(StandardCharsets.UTF_8));
          digest.update((byte) 0);
          digest.update(read(path));
        });
    return version + "+" + HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
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
