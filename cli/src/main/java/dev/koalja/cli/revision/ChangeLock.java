package dev.koalja.cli.revision;

import dev.koalja.cli.CliException;
import dev.koalja.cli.show.Words;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Says that a change of a folder of builds is on its way: nobody else begins one, and no build is
 * removed. The operating system lets go of it however its holder ends.
 */
public final class ChangeLock implements AutoCloseable {
  private static final String FILE = "change.lock";
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** When to say that one waits. */
  private static final Duration SOON = Duration.ofSeconds(1);

  /**
   * Within this process, where the operating system knows no difference: it would let go of all
   * with the first channel that is closed.
   */
  private static final Map<Path, ReentrantLock> HERE = new ConcurrentHashMap<>();

  private final ReentrantLock here;
  private final FileChannel channel;
  private boolean gone;

  private ChangeLock(ReentrantLock here, FileChannel channel) {
    this.here = here;
    this.channel = channel;
  }

  /**
   * Takes it, once whoever has it is done. Closed by the thread that took it.
   *
   * @param waiting told once when somebody else has it
   * @throws CliException when the folder cannot be used
   */
  static ChangeLock take(Path folder, Runnable waiting) throws InterruptedException {
    long begin = System.nanoTime();
    boolean told = false;
    while (true) {
      Optional<ChangeLock> lock = tryTake(folder);
      if (lock.isPresent()) {
        return lock.get();
      }
      if (!told && System.nanoTime() - begin > SOON.toNanos()) {
        told = true;
        waiting.run();
      }
      Thread.sleep(PAUSE);
    }
  }

  /**
   * Takes it if nobody has it.
   *
   * @throws CliException when the folder cannot be used
   */
  static Optional<ChangeLock> tryTake(Path folder) throws InterruptedException {
    try {
      Path file = folder.toRealPath().resolve(FILE);
      ReentrantLock here = HERE.computeIfAbsent(file, _ -> new ReentrantLock());
      if (here.isHeldByCurrentThread() || !here.tryLock(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        return Optional.empty();
      }
      FileChannel channel = null;
      try {
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock != null) {
          return Optional.of(new ChangeLock(here, channel));
        }
      } catch (IOException | RuntimeException e) {
        here.unlock();
        if (channel != null) {
          channel.close();
        }
        throw e;
      }
      channel.close();
      here.unlock();
      return Optional.empty();
    } catch (IOException e) {
      throw CliException.unavailable("folder " + folder + " cannot be used: " + Words.reason(e));
    }
  }

  /** Lets go. The file stays: to remove it would take it from under whoever is next. */
  public void letGo() {
    if (gone) {
      return;
    }
    gone = true;
    try {
      channel.close();
    } catch (IOException e) {
      // the end of the process closes it
    }
    here.unlock();
  }

  /** Lets go, unless that was done already. */
  @Override
  public void close() {
    letGo();
  }
}
