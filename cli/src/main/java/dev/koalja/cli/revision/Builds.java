package dev.koalja.cli.reload;

import dev.koalja.cli.project.FunctionProject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The builds that functions of a run are started from: {@code app/number} each, and {@code
 * app/current} names the one to start with. None is ever changed once it is here, so whatever a
 * build does, it does not pull the jars from under a process. Safe for threads.
 */
public final class Builds {
  private static final String WORK = ".work";
  private static final String PIPELINE = "pipeline.yaml";

  private final Path root;
  private final AtomicInteger last = new AtomicInteger();

  /** Begins with nothing: what an earlier run left there goes. */
  public Builds(Path root) throws IOException {
    this.root = root;
    remove(root);
    Files.createDirectories(root);
  }

  /** The folder of all of them. */
  public Path root() {
    return root;
  }

  /** Where a project is built again. */
  public Path work(FunctionProject project) throws IOException {
    String unique =
        project.name() + "-" + Integer.toHexString(project.folder().toString().hashCode());
    return Files.createDirectories(root.resolve(WORK).resolve(unique));
  }

  /**
   * Adds a build.
   *
   * @param packaged the folder with the functions, ready to start
   * @param inferred the pipeline their code means
   * @param move whether the folder may be taken away; it is copied otherwise
   */
  public int add(String app, Path packaged, Path inferred, boolean move) throws IOException {
    int number = last.incrementAndGet();
    Path build = folder(app, number);
    Files.createDirectories(build.getParent());
    if (move) {
      Files.move(packaged, build);
    } else {
      copy(packaged, build);
    }
    Files.copy(inferred, build.resolve(PIPELINE), StandardCopyOption.REPLACE_EXISTING);
    return number;
  }

  /** The folder of a build. */
  public Path folder(String app, int number) {
    return root.resolve(app).resolve(String.valueOf(number));
  }

  /** The pipeline that the code of a build means. */
  public Path pipeline(String app, int number) {
    return folder(app, number).resolve(PIPELINE);
  }

  /** Has the breadboard begin with this build when it is started again. */
  public synchronized void use(String app, int number) throws IOException {
    Path current = root.resolve(app).resolve("current");
    Path fresh = current.resolveSibling("current.new");
    Files.writeString(fresh, String.valueOf(number));
    Files.move(fresh, current, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Has the breadboard begin with none of them. */
  public synchronized void forget(String app) throws IOException {
    Files.deleteIfExists(root.resolve(app).resolve("current"));
  }

  /** The build that the breadboard would begin with; empty when the app is new. */
  public synchronized Optional<Integer> inUse(String app) throws IOException {
    Path current = root.resolve(app).resolve("current");
    return Files.isRegularFile(current)
        ? Optional.of(Integer.parseInt(Files.readString(current).strip()))
        : Optional.empty();
  }

  /** Removes a build that nothing runs from any more; never the one to begin with. */
  public synchronized void remove(String app, int number) {
    try {
      if (!inUse(app).equals(Optional.of(number))) {
        remove(folder(app, number));
      }
    } catch (IOException | UncheckedIOException e) {
      // the next run removes it
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Path copy = to.resolve(from.relativize(each).toString());
        if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectories(copy);
        } else {
          // with its time: whether a start-up cache fits is told by the times of the jars
          Files.copy(each, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(each);
        }
      }
    }
  }
}
