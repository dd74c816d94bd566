package dev.koalja.cli.control;

import dev.koalja.cli.CliException;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a running circuit is reached, as {@code .koalja/breadboard.json} says it.
 *
 * @param pid the process of {@code koalja run}
 * @param ingress where events are posted
 * @param control where commands ask
 * @param kafka {@code host:port} of its broker
 * @param state the folder it holds the {@link StateLock} of
 * @param logs its folder of log files
 * @param ephemeral whether all its data goes when it ends
 * @param since when it was started
 * @param watched the apps it builds when a file is saved, each with its folder
 */
public record RunningCircuit(
    long pid,
    URI ingress,
    URI control,
    String kafka,
    Path state,
    Path logs,
    boolean ephemeral,
    Instant since,
    Map<String, String> watched) {
  private static final String FOLDER = ".koalja";
  private static final String FILE = "breadboard.json";

  public RunningCircuit {
    // a file of another version: whatever wrote it, it is not to be asked
    Objects.requireNonNull(state, "state");
    watched = watched == null ? Map.of() : Map.copyOf(watched);
  }

  /** The folder of the builds it runs; logs and builds are in one folder. */
  public Path builds() {
    return logs.resolveSibling("builds");
  }

  /** Where commands look for the circuit of the folder one stands in. */
  public static Path here() {
    return Path.of(FOLDER).toAbsolutePath().normalize();
  }

  /** Writes it into {@code folder} for other commands to find; readable by this user only. */
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path fresh = folder.resolve(FILE + ".new");
    Files.deleteIfExists(fresh);
    if (fresh.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(
        fresh, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    Files.move(
        fresh,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes the file from {@code folder}, if it is this one's. */
  public void remove(Path folder) throws IOException {
    if (read(folder).filter(other -> other.pid == pid && other.since.equals(since)).isPresent()) {
      Files.deleteIfExists(folder.resolve(FILE));
    }
  }

  /** What runs, as the file in this folder says; empty when nothing does. */
  public static Optional<RunningCircuit> in(Path folder) {
    return read(folder).filter(RunningCircuit::alive);
  }

  /** Whether a run was killed there: it says that it runs, and does not. */
  public static boolean leftBehind(Path folder) {
    return read(folder).filter(run -> !run.alive()).isPresent();
  }

  /** Whether it runs: somebody holds its lock. */
  public boolean alive() {
    return StateLock.taken(state);
  }

  /**
   * The circuit that runs in {@code folder} or the nearest one above.
   *
   * @throws CliException when there is none, or none that runs
   */
  public static RunningCircuit find(Path folder) {
    Optional<Path> ended = Optional.empty();
    for (Path each = folder.toAbsolutePath().normalize(); each != null; each = each.getParent()) {
      Path state = each.resolve(FOLDER);
      if (Files.isRegularFile(state.resolve(FILE), LinkOption.NOFOLLOW_LINKS)) {
        Optional<RunningCircuit> running = in(state);
        if (running.isPresent()) {
          return running.get();
        }
        ended = ended.or(() -> Optional.of(state));
      }
    }
    throw CliException.unavailable(
        ended
            .map(state -> "the circuit of " + state + " does not run any more: koalja run")
            .orElse(
                "no circuit runs in %s or above: start one with koalja run, or name one with --at URL"
                    .formatted(folder.toAbsolutePath().normalize())));
  }

  private static Optional<RunningCircuit> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.MAPPER.readValue(Files.readString(file), RunningCircuit.class));
    } catch (IOException e) {
      return Optional.empty(); // half a file of a run that was killed is no running circuit
    }
  }
}
