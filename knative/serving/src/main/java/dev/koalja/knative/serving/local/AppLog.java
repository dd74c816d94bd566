package dev.koalja.knative.serving.local;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the processes of an app print, in {@code <app>.log} and, once that is full, the one before
 * it in {@code <app>.log.1}. Each line carries the process id. Safe for use by several threads.
 */
final class AppLog implements AutoCloseable {
  private final Path file;
  private final Path former;
  private final long limit;
  private final List<LogFollower> followers = new ArrayList<>();
  private @Nullable OutputStream out;
  private long size;
  private boolean closed;

  /**
   * @param limit bytes of one file; at most twice as much is kept
   * @throws UncheckedIOException when the file cannot be written
   */
  AppLog(Path folder, String app, long limit) {
    this.file = folder.resolve(app + ".log");
    this.former = folder.resolve(app + ".log.1");
    this.limit = limit;
    try {
      Files.createDirectories(folder);
      open();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the log " + file, e);
    }
  }

  private OutputStream open() throws IOException {
    OutputStream opened =
        new BufferedOutputStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    out = opened;
    size = Files.size(file);
    return opened;
  }

  /** A full disk must not stop the function whose output this is: the next line tries again. */
  private void giveUp() {
    if (out != null) {
      try {
        out.close();
      } catch (IOException e) {
        // there is no more to lose
      }
      out = null;
    }
  }

  /** Adds a line; it is on disk only after {@link #flush}. */
  synchronized void append(long pid, String text) {
    String line = "[" + pid + "] " + text;
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    if (!closed) {
      try {
        write(bytes);
      } catch (IOException e) {
        giveUp(); // followers still get the line
      }
    }
    followers.forEach(follower -> follower.offer(line));
  }

  private void write(byte[] bytes) throws IOException {
    OutputStream to = out == null ? open() : out;
    if (size > 0 && size + bytes.length > limit) {
      to.close();
      Files.move(file, former, StandardCopyOption.REPLACE_EXISTING);
      to = open();
    }
    to.write(bytes);
    size += bytes.length;
  }

  synchronized void flush() {
    try {
      if (out != null) {
        out.flush();
      }
    } catch (IOException e) {
      giveUp();
    }
  }

  /** The last {@code count} lines, oldest first. */
  synchronized List<String> last(int count) {
    flush();
    Deque<String> lines = new ArrayDeque<>();
    for (Path each : List.of(former, file)) {
      if (count > 0 && Files.exists(each)) {
        // Bytes of a process need not be UTF-8; ISO 8859-1 reads all, and is turned back below.
        try (Stream<String> all = Files.lines(each, StandardCharsets.ISO_8859_1)) {
          all.forEach(
              line -> {
                lines.addLast(line);
                if (lines.size() > count) {
                  lines.removeFirst();
                }
              });
        } catch (IOException e) {
          throw new UncheckedIOException("cannot read the log " + each, e);
        }
      }
    }
    return lines.stream()
        .map(line -> new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
        .toList();
  }

  /** The last {@code count} lines and, without gap or repeat, all that come. */
  synchronized LogFollower follow(int count) {
    LogFollower follower = new LogFollower(this::unfollow);
    last(count).forEach(follower::offer);
    followers.add(follower);
    return follower;
  }

  private synchronized void unfollow(LogFollower follower) {
    followers.remove(follower);
  }

  @Override
  public synchronized void close() {
    List.copyOf(followers).forEach(LogFollower::close);
    closed = true;
    giveUp();
  }
}
