package dev.koalja.cli.control;

import dev.koalja.cli.CliException;
import dev.koalja.cli.show.Words;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says that a run uses a state folder. The operating system lets go of it however the run ends, so
 * it never lies as a process id does, which another process may have by now.
 */
public final class StateLock implements AutoCloseable {
  private static final String FILE = "run.lock";

  /** Whoever looks whether a run is there holds the file for a moment. */
  private static final int ATTEMPTS = 10;

  private static final Duration PAUSE = Duration.ofMillis(50);

  /**
   * The files this process holds. It must not open them again: on Linux and macOS the lock goes
   * with the first of its channels that is closed.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private StateLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes a state folder, which is made if it does not exist.
   *
   * @return empty when a run uses it
   * @throws CliException when the folder cannot be written
   */
  public static Optional<StateLock> take(Path state) {
    try {
      Path file = Files.createDirectories(state).toRealPath().resolve(FILE);
      if (!HELD.add(file)) {
        return Optional.empty();
      }
      Optional<StateLock> lock = Optional.empty();
      try {
        lock = open(file);
      } finally {
        if (lock.isEmpty()) {
          HELD.remove(file);
        }
      }
      return lock;
    } catch (IOException e) {
      throw CliException.unavailable("folder " + state + " cannot be used: " + Words.reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.unavailable("interrupted");
    }
  }

  private static Optional<StateLock> open(Path file) throws IOException, InterruptedException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (channel.tryLock() != null) {
        return Optional.of(new StateLock(file, channel));
      }
      Thread.sleep(PAUSE);
    }
    channel.close();
    return Optional.empty();
  }

  /** Whether a run uses this state folder. */
  public static boolean taken(Path state) {
    try {
      Path file = state.toRealPath().resolve(FILE);
      if (HELD.contains(file)) {
        return true;
      }
      // shared: those who only look never stand in each other's way
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        return channel.tryLock(0, Long.MAX_VALUE, true) == null;
      }
    } catch (IOException e) {
      return false; // there is none; or who may not read it cannot ask its circuit either
    }
  }

  /** Lets go of the folder. The file stays: to remove it would take it from under the next run. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // the end of the process closes it
    }
    HELD.remove(file);
  }
}
