package dev.koalja.knative.serving.local;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What an AOT cache depends on: the JVM, its flags, and every file that classes come from.
 *
 * @param jvm tells JVMs apart
 * @param program flags and command line
 * @param files by absolute path
 */
record BuildStamp(String jvm, String program, Map<String, Entry> files) {
  private static final String HEADER = "koalja start-up cache 1";

  /**
   * One file.
   *
   * @param size in bytes
   * @param modified milliseconds since 1970
   * @param digest SHA-256 in hex; empty while nobody asked
   */
  record Entry(long size, long modified, String digest) {
    /**
     * Whether {@code file}, which this describes, has the content that {@code trained} had. Time
     * and size suffice unless somebody took the trouble to read the file.
     */
    boolean sameAs(Entry trained, Path file) throws IOException {
      if (!digest.isEmpty()) {
        return digest.equals(trained.digest);
      }
      return (size == trained.size && modified == trained.modified)
          || BuildStamp.digest(file).equals(trained.digest);
    }
  }

  BuildStamp {
    files = new TreeMap<>(files);
  }

  /** Of a build as it is now, without digests. */
  static BuildStamp of(AppBuild build) throws IOException {
    Map<String, Entry> files = new TreeMap<>();
    for (Path file : classFiles(build.program())) {
      files.put(
          file.toString(),
          new Entry(Files.size(file), Files.getLastModifiedTime(file).toMillis(), ""));
    }
    return new BuildStamp(
        jvm(build.javaHome()),
        String.join(" ", build.jvmFlags()) + " | " + String.join(" ", build.program()),
        files);
  }

  /** The same with the digest of every file as it is now. */
  BuildStamp withDigests() throws IOException {
    Map<String, Entry> digested = new TreeMap<>();
    for (Map.Entry<String, Entry> each : files.entrySet()) {
      Entry entry = each.getValue();
      digested.put(
          each.getKey(), new Entry(entry.size, entry.modified, digest(Path.of(each.getKey()))));
    }
    return new BuildStamp(jvm, program, digested);
  }

  private static String jvm(Path home) throws IOException {
    Path release = home.resolve("release");
    Path modules = home.resolve("lib/modules");
    return "%s modules %d %d release %s"
        .formatted(
            home,
            Files.size(modules),
            Files.getLastModifiedTime(modules).toMillis(),
            Files.exists(release) ? digest(release) : "none");
  }

  /** Every jar beside or under the one that {@code -jar} names, or all of {@code -cp}. */
  private static List<Path> classFiles(List<String> program) throws IOException {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i + 1 < program.size(); i++) {
      if (program.get(i).equals("-jar")) {
        Path jar = Path.of(program.get(i + 1)).toAbsolutePath();
        addTree(Objects.requireNonNull(jar.getParent()), ".jar", files);
        return files;
      }
      if (program.get(i).equals("-cp")) {
        for (String element : program.get(i + 1).split(File.pathSeparator)) {
          addTree(Path.of(element).toAbsolutePath(), "", files);
        }
        return files;
      }
    }
    return files;
  }

  private static void addTree(Path root, String suffix, List<Path> files) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      tree.filter(file -> file.toString().endsWith(suffix) && Files.isRegularFile(file))
          .sorted()
          .forEach(files::add);
    } catch (UncheckedIOException e) {
      throw e.getCause(); // a folder went away while it was read: somebody builds
    }
  }

  /** What is different from the time of {@code trained}; empty when nothing that matters is. */
  Optional<String> difference(BuildStamp trained) throws IOException {
    if (!jvm.equals(trained.jvm)) {
      return Optional.of("it was trained with another JVM than " + jvm.split(" ")[0]);
    }
    if (!program.equals(trained.program)) {
      return Optional.of("it was trained with another command line");
    }
    if (!files.keySet().equals(trained.files.keySet())) {
      return Optional.of("jars were added or removed since it was trained");
    }
    for (Map.Entry<String, Entry> each : files.entrySet()) {
      Entry then = Objects.requireNonNull(trained.files.get(each.getKey()));
      if (!each.getValue().sameAs(then, Path.of(each.getKey()))) {
        return Optional.of(each.getKey() + " changed since it was trained");
      }
    }
    return Optional.empty();
  }

  /** For a cache without a stamp: names a file that is newer. */
  Optional<String> newerThan(FileTime cache) {
    return files.entrySet().stream()
        .filter(each -> each.getValue().modified > cache.toMillis())
        .map(each -> each.getKey() + " is newer than the cache")
        .findFirst();
  }

  /** Writes it in one step; only one {@linkplain #withDigests with digests} is of use later. */
  void write(Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(HEADER).append('\n').append(jvm).append('\n').append(program).append('\n');
    for (Map.Entry<String, Entry> each : files.entrySet()) {
      text.append(each.getValue().digest)
          .append(' ')
          .append(each.getValue().size)
          .append(' ')
          .append(each.getValue().modified)
          .append(' ')
          .append(each.getKey())
          .append('\n');
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException when it is not that
   */
  static BuildStamp read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.size() < 3 || !lines.getFirst().equals(HEADER)) {
      throw new IOException(file + " is no stamp of a start-up cache");
    }
    Map<String, Entry> files = new TreeMap<>();
    for (String line : lines.subList(3, lines.size())) {
      String[] parts = line.split(" ", 4);
      try {
        files.put(
            parts[3], new Entry(Long.parseLong(parts[1]), Long.parseLong(parts[2]), parts[0]));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new IOException(file + " is damaged at " + line, e);
      }
    }
    return new BuildStamp(lines.get(1), lines.get(2), files);
  }

  private static String digest(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        DigestInputStream digest =
            new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
      digest.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
