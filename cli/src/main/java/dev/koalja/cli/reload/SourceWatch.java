package dev.koalja.cli.reload;

import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.project.SourceTree;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Notices that something a project is built from has changed: its POM, its pipeline file, or a file
 * below {@code src/main}, new folders included. Of a project that is attached, whose code is not
 * built here: its pipeline file, or that which its last build wrote.
 *
 * <p>What the operating system tells is only a reason to look: whether anything changed is decided
 * by size and time of every file. So a message that is lost, or never sent, as for a folder that
 * was filled while it was new, costs {@link #LOOK} at most. Not safe for threads.
 */
public final class SourceWatch implements AutoCloseable {
  /** How long nothing may happen before a change is taken as complete: editors save in steps. */
  static final Duration QUIET = Duration.ofMillis(60);

  /** When to look although something happens all the time. */
  static final Duration LONGEST_BURST = Duration.ofSeconds(1);

  /** How often to look although nothing was told. */
  static final Duration LOOK = Duration.ofSeconds(1);

  /** What editors and systems put beside the file that is meant. */
  private static final Pattern TEMPORARY =
      Pattern.compile("\\..*|.*~|#.*#|.*\\.(?:swp|swx|swo|tmp|bak|orig|part)|.*___jb_\\w+___|4913");

  private final List<FunctionProject> projects;
  private final WatchService service;
  private final Set<Path> registered = new HashSet<>();
  private final Map<Path, Map<Path, Stamp>> known = new HashMap<>();

  private record Stamp(long size, long modified) {}

  /**
   * What changed.
   *
   * @param projects those of which something did
   * @param noticed when the first sign of it came
   */
  public record Change(List<FunctionProject> projects, Instant noticed) {
    public Change {
      projects = List.copyOf(projects);
    }
  }

  /** Begins to watch: whatever is saved from now on is a change. */
  public SourceWatch(List<FunctionProject> projects) throws IOException {
    this.projects = List.copyOf(projects);
    this.service = FileSystems.getDefault().newWatchService();
    for (FunctionProject project : projects) {
      register(project);
      known.put(project.folder(), stamps(project));
    }
  }

  /** Waits for the next change. */
  public Change await() throws InterruptedException {
    while (true) {
      WatchKey key = service.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
      Instant noticed = Instant.now();
      while (key != null) {
        key.pollEvents();
        if (!key.reset()) {
          registered.remove((Path) key.watchable()); // the folder is gone; it may come back
        }
        boolean patient = Duration.between(noticed, Instant.now()).compareTo(LONGEST_BURST) < 0;
        key = patient ? service.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS) : null;
      }
      List<FunctionProject> changed = new ArrayList<>();
      for (FunctionProject project : projects) {
        register(project);
        Map<Path, Stamp> now = stamps(project);
        if (!now.equals(known.put(project.folder(), now))) {
          changed.add(project);
        }
      }
      if (!changed.isEmpty()) {
        return new Change(changed, noticed);
      }
    }
  }

  private void register(FunctionProject project) {
    List<Path> folders = new ArrayList<>(List.of(project.folder()));
    if (project.attached()) {
      folders.add(Objects.requireNonNull(project.inferred().getParent(), "a file has a folder"));
      folders.removeIf(folder -> !Files.isDirectory(folder));
    }
    if (project.buildsHere()) {
      folders.addAll(SourceTree.find(project.folder().resolve("src/main")).folders());
    }
    for (Path folder : folders) {
      if (registered.add(folder)) {
        try {
          folder.register(
              service,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE);
        } catch (IOException e) {
          // gone again, or the system watches no more folders: then looking has to do
        }
      }
    }
  }

  private static Map<Path, Stamp> stamps(FunctionProject project) {
    Map<Path, Stamp> stamps = new TreeMap<>();
    stamp(project.handWritten(), stamps);
    if (project.attached()) {
      stamp(project.inferred(), stamps);
    }
    if (project.buildsHere()) {
      stamp(project.folder().resolve("pom.xml"), stamps);
      SourceTree.find(project.folder().resolve("src/main")).files().stream()
          .filter(each -> !temporary(each))
          .forEach(each -> stamp(each, stamps));
    }
    return stamps;
  }

  private static void stamp(Path file, Map<Path, Stamp> stamps) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (attributes.isRegularFile()) {
        stamps.put(
            file,
            new Stamp(attributes.size(), attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS)));
      }
    } catch (IOException e) {
      // it is not there, which is what its absence says
    }
  }

  /** Whether a file is one that only an editor needs. */
  static boolean temporary(Path file) {
    return TEMPORARY.matcher(String.valueOf(file.getFileName())).matches();
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
