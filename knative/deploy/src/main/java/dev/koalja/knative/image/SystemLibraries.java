package dev.koalja.knative.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The loader and the libraries of this machine that a JRE is linked with, for an image that begins
 * with nothing. Each keeps its path, because that is where its loader looks.
 */
final class SystemLibraries {
  /** Loaded by name when a host name is looked up, so no file mentions them. */
  private static final List<String> LOADED_LATER =
      List.of("libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2");

  private final List<Path> folders;

  SystemLibraries(Machine machine) {
    this(
        List.of(
            Path.of("/lib", machine.triple()),
            Path.of("/usr/lib", machine.triple()),
            Path.of("/lib64"),
            Path.of("/usr/lib64"),
            Path.of("/lib"),
            Path.of("/usr/lib")));
  }

  SystemLibraries(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  /**
   * Finds what every native file under {@code jre} needs from outside of it, and what that needs.
   *
   * @return files of this machine by the path they have in the image
   * @throws IOException when one is not on this machine
   */
  SortedMap<String, Path> neededBy(Path jre) throws IOException {
    Set<String> inside = new TreeSet<>();
    Deque<Path> unread = new ArrayDeque<>();
    try (Stream<Path> files = Files.walk(jre)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        inside.add(String.valueOf(file.getFileName()));
        unread.add(file);
      }
    }
    SortedMap<String, Path> found = new TreeMap<>();
    for (Path file : List.copyOf(unread)) {
      ElfFile.read(file)
          .flatMap(ElfFile::interpreter)
          .ifPresent(
              loader -> {
                // it is there before anything is linked, so nobody needs it by name as well
                inside.add(String.valueOf(Path.of(loader).getFileName()));
                take(Path.of(loader), found, unread);
              });
    }
    for (String name : LOADED_LATER) {
      find(name).ifPresent(file -> take(file, found, unread));
    }
    List<String> missing = new ArrayList<>();
    while (!unread.isEmpty()) {
      Path file = unread.remove();
      for (String name : ElfFile.read(file).map(ElfFile::needed).orElse(List.of())) {
        if (!inside.contains(name)) {
          find(name)
              .ifPresentOrElse(
                  each -> take(each, found, unread), () -> missing.add(name + " for " + file));
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new IOException("libraries that the image needs are not on this machine: " + missing);
    }
    return found;
  }

  private static void take(Path file, Map<String, Path> found, Deque<Path> unread) {
    if (found.putIfAbsent(file.toString(), file) == null) {
      unread.add(file);
    }
  }

  private Optional<Path> find(String name) {
    return folders.stream().map(folder -> folder.resolve(name)).filter(Files::exists).findFirst();
  }
}
