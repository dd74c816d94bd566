package dev.koalja.broker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder a broker keeps its data in.
 *
 * <pre>
 * format    what wrote this folder, written before anything else
 * lock      held as long as a broker runs; the operating system lets go of it, whatever happens
 * log/      Kafka's own; appears under this name only when completely formatted
 * </pre>
 *
 * <p>Killed at any moment, the folder is empty, or ours and unformatted, or ours and whole. Nothing
 * is touched in a folder somebody else made.
 */
final class DataFolder implements AutoCloseable {
  static final String PRODUCT = "koalja-broker";
  static final int VERSION = 1;
  private static final String KEPT = PRODUCT + " " + VERSION;
  private static final String EPHEMERAL = KEPT + " ephemeral";
  private static final long LEAST_SPACE = 64L << 20;

  private final Path folder;
  private final boolean ephemeral;
  private final FileChannel channel;

  private DataFolder(Path folder, boolean ephemeral, FileChannel channel) {
    this.folder = folder;
    this.ephemeral = ephemeral;
    this.channel = channel;
  }

  /**
   * Takes the folder, which is made if it does not exist.
   *
   * @param ephemeral whether {@link #close} removes it
   * @throws UnusableException when it is not ours, in use, or cannot be written
   */
  static DataFolder open(Path folder, boolean ephemeral) throws UnusableException {
    @Nullable FileChannel channel = null;
    try {
      Files.createDirectories(folder);
      // before the lock file: nothing is written to a folder that is somebody else's
      check(folder, ephemeral);
      channel = lock(folder);
      check(folder, ephemeral);
      DataFolder data = new DataFolder(folder, ephemeral, channel);
      data.claim();
      return data;
    } catch (UnusableException e) {
      closeQuietly(channel);
      throw e;
    } catch (FileAlreadyExistsException e) {
      closeQuietly(channel);
      throw new UnusableException(
          "data folder " + folder + " cannot be made: " + e.getFile() + " is a file");
    } catch (AccessDeniedException e) {
      closeQuietly(channel);
      throw new UnusableException(
          "data folder " + folder + " cannot be written: no permission for " + e.getFile());
    } catch (IOException e) {
      closeQuietly(channel);
      throw new UnusableException("data folder " + folder + " is not usable: " + reason(e), e);
    }
  }

  /** Where Kafka keeps its data, once formatted. */
  Path log() {
    return folder.resolve("log");
  }

  /** Where to format before it is moved to {@link #log}. */
  Path unformatted() {
    return folder.resolve("log.new");
  }

  /** Lets go of the folder; removes it when it is ephemeral. */
  @Override
  public void close() throws IOException {
    try (channel) {
      if (ephemeral) {
        remove(folder);
      }
    }
  }

  /** Removes a file or folder with everything in it; nothing happens when there is none. */
  static void remove(Path path) throws IOException {
    if (!Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  private static void check(Path folder, boolean ephemeral) throws UnusableException, IOException {
    Path stamp = folder.resolve("format");
    if (!Files.exists(stamp)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
        for (Path entry : entries) {
          String name = String.valueOf(entry.getFileName());
          if (!List.of("lock", "format.new").contains(name)) {
            throw new UnusableException(
                "data folder %s has other files in it (%s): choose an empty one"
                    .formatted(folder, name));
          }
        }
      }
      return;
    }
    String text = Files.size(stamp) > 100 ? "?" : Files.readString(stamp).strip();
    if (text.equals(EPHEMERAL) || text.equals(KEPT) && !ephemeral) {
      return;
    }
    if (text.equals(KEPT)) {
      throw new UnusableException(
          "data folder %s holds data of earlier runs, which --ephemeral would remove: choose another folder"
              .formatted(folder));
    }
    if (text.matches(PRODUCT + " [0-9]{1,9}( .*)?")) {
      throw new UnusableException(
          "data folder %s was written by a newer Koalja (format \"%s\", this one writes \"%s\"): use that version or another folder"
              .formatted(folder, text, KEPT));
    }
    throw new UnusableException(
        "data folder %s is not Koalja's: its file \"format\" says \"%s\""
            .formatted(folder, text.lines().findFirst().orElse("")));
  }

  private static FileChannel lock(Path folder) throws UnusableException, IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      @Nullable FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // held by this very process: the same answer
    } catch (IOException e) {
      closeQuietly(channel);
      throw e;
    }
    closeQuietly(channel);
    throw new UnusableException("data folder " + folder + " is in use by another broker");
  }

  private void claim() throws IOException, UnusableException {
    long space = Files.getFileStore(folder).getUsableSpace();
    if (space < LEAST_SPACE) {
      throw new UnusableException(
          "data folder %s has %d MiB left, the broker needs at least %d"
              .formatted(folder, space >> 20, LEAST_SPACE >> 20));
    }
    Path stamp = folder.resolve("format");
    if (Files.exists(stamp) && Files.readString(stamp).strip().equals(EPHEMERAL)) {
      remove(log()); // of an ephemeral broker that was killed
    }
    remove(unformatted());
    Path fresh = folder.resolve("format.new");
    Files.writeString(fresh, (ephemeral ? EPHEMERAL : KEPT) + "\n");
    Files.move(fresh, stamp, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return e.getClass().getSimpleName() + (message == null ? "" : " " + message);
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // nothing was written through it, and the reason to give up is already on its way
      }
    }
  }
}
