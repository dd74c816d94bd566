package dev.koalja.cli.control;

import dev.koalja.cli.CliException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says that a run uses a state folder. The operating system lets go of it however the run ends, so
 * it never lies as a process id does, which another process may have by now.
 */
public final class StateLock implements AutoCloseable {
  private static final String FILE = "run.lock";

  /** Whoever looks whether a run is there holds the file for a moment. */
  private static final int ATTEMPTS = 10;

  private static final Duration PAUSE = Duration.ofMillis(50);

  private final FileChannel channel;

  private StateLock(FileChannel channel) {
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
      Files.createDirectories(state);
      FileChannel channel =
          FileChannel.open(
              state.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (lock(channel, false) != null) {
          return Optional.of(new StateLock(channel));
        }
        Thread.sleep(PAUSE);
      }
      channel.close();
      return Optional.empty();
    } catch (IOException e) {
      throw CliException.unavailable("folder " + state + " cannot be used: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.unavailable("interrupted");
    }
  }

  /** Whether a run uses this state folder. */
  public static boolean taken(Path state) {
    Path file = state.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return false;
    }
    // shared: those who only look never stand in each other's way
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return lock(channel, true) == null;
    } catch (IOException e) {
      return false; // who may not read the folder cannot ask its circuit either
    }
  }

  private static @Nullable FileLock lock(FileChannel channel, boolean shared) throws IOException {
    try {
      return channel.tryLock(0, Long.MAX_VALUE, shared);
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
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
  }
}
