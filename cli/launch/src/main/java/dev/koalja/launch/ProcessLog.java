package dev.koalja.launch;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * The log file of a process: lines are appended, and beyond a size the file becomes the one old
 * file beside it. A disk that is full later costs lines, never the process. For one thread.
 */
final class ProcessLog implements AutoCloseable {
  private static final long LIMIT = 8L << 20;

  private final Path file;
  private final long limit;
  private long size;
  private @Nullable OutputStream out;

  private ProcessLog(Path file, long limit) throws IOException {
    this.file = file;
    this.limit = limit;
    this.out = append();
  }

  /**
   * Opens the file and makes its folder.
   *
   * @throws IOException when it cannot be written, before there is a process to write about
   */
  static ProcessLog open(Path file) throws IOException {
    return open(file, LIMIT);
  }

  static ProcessLog open(Path file, long limit) throws IOException {
    Path absolute = file.toAbsolutePath();
    Files.createDirectories(absolute.getParent());
    return new ProcessLog(absolute, limit);
  }

  private OutputStream append() throws IOException {
    // no channel: an interrupt of the thread that opens or writes must not close the file
    OutputStream opened = new FileOutputStream(file.toFile(), true);
    size = Files.size(file);
    return opened;
  }

  /** Appends a line. */
  void write(String line) {
    byte[] bytes = (line + System.lineSeparator()).getBytes(StandardCharsets.UTF_8);
    try {
      if (size > 0 && size + bytes.length > limit) {
        rotate();
      }
      if (out == null) {
        out = append();
      }
      out.write(bytes);
      size += bytes.length;
    } catch (IOException e) {
      close(); // this line is lost; the next one tries again
    }
  }

  private void rotate() throws IOException {
    close();
    Files.move(
        file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
    size = 0;
  }

  @Override
  public void close() {
    OutputStream open = out;
    out = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // nothing is buffered: what could be written has been
      }
    }
  }
}
