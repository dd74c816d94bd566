package dev.koalja.knative.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which package of the system a file of this machine came with, as dpkg wrote it down; nothing on a
 * machine that has no dpkg.
 */
final class DebianPackages {
  private static final String LIST = ".list";
  private static final String MERGED = "/usr";

  private final Path root;

  DebianPackages() {
    this(Path.of("/"));
  }

  DebianPackages(Path root) {
    this.root = root;
  }

  /**
   * An installed package.
   *
   * @param name such as {@code libc6}
   * @param version as Debian counts
   * @param architecture as Debian calls it
   * @param distribution such as {@code debian}
   */
  record Package(String name, String version, String architecture, String distribution) {
    /** Its address for tools that know what is wrong with which version. */
    String purl() {
      return "pkg:deb/%s/%s@%s?arch=%s"
          .formatted(distribution, encoded(name), encoded(version), architecture);
    }

    private static String encoded(String word) {
      return word.replace("%", "%25").replace("+", "%2B").replace(":", "%3A");
    }
  }

  /** The packages of those of the files that came with one, by file. */
  Map<Path, Package> of(Collection<Path> files) throws IOException {
    Path database = root.resolve("var/lib/dpkg");
    if (!Files.isDirectory(database.resolve("info"))
        || !Files.isRegularFile(database.resolve("status"))) {
      return Map.of();
    }
    Map<String, Path> wanted = new HashMap<>();
    for (Path file : files) {
      spellings(file).forEach(each -> wanted.putIfAbsent(each, file));
    }
    Map<String, Package> installed = installed(database.resolve("status"));
    Map<Path, Package> found = new HashMap<>();
    List<Path> lists;
    try (Stream<Path> all = Files.list(database.resolve("info"))) {
      lists = all.filter(each -> each.toString().endsWith(LIST)).sorted().toList();
    }
    for (Path list : lists) {
      String name = String.valueOf(list.getFileName());
      Package owner = installed.get(name.substring(0, name.length() - LIST.length()));
      if (owner != null) {
        for (String line : Files.readString(list, StandardCharsets.ISO_8859_1).split("\n")) {
          Optional.ofNullable(wanted.get(line)).ifPresent(file -> found.putIfAbsent(file, owner));
        }
      }
    }
    return found;
  }

  /** A file as its package may call it: where /lib is /usr/lib, packages know either. */
  private static Set<String> spellings(Path file) throws IOException {
    Set<String> spellings = new LinkedHashSet<>();
    for (String path : List.of(file.toString(), file.toRealPath().toString())) {
      spellings.add(path);
      spellings.add(
          path.startsWith(MERGED + "/") ? path.substring(MERGED.length()) : MERGED + path);
    }
    return spellings;
  }

  /** By name, and by name and architecture: lists are called after either. */
  private Map<String, Package> installed(Path status) throws IOException {
    String distribution = distribution();
    Map<String, Package> installed = new HashMap<>();
    for (String stanza : Files.readString(status).split("\n\n")) {
      Map<String, String> fields = new HashMap<>();
      for (String line : stanza.split("\n")) {
        int colon = line.indexOf(": ");
        if (colon > 0 && !line.startsWith(" ")) {
          fields.putIfAbsent(line.substring(0, colon), line.substring(colon + 2).strip());
        }
      }
      String name = fields.get("Package");
      String version = fields.get("Version");
      String architecture = fields.get("Architecture");
      if (name != null && version != null && architecture != null) {
        Package each = new Package(name, version, architecture, distribution);
        installed.put(name, each);
        installed.put(name + ":" + architecture, each);
      }
    }
    return installed;
  }

  private String distribution() throws IOException {
    Path file = root.resolve("etc/os-release");
    if (!Files.isRegularFile(file)) {
      return "debian";
    }
    Properties release = new Properties();
    try (java.io.Reader in = Files.newBufferedReader(file)) {
      release.load(in);
    }
    return release.getProperty("ID", "debian").replace("\"", "");
  }
}
