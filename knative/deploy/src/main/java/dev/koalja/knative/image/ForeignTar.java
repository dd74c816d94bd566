package dev.koalja.knative.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A tar archive that a stranger made. Names are read as container engines read them, so that one
 * file has one name; number and sizes of files are bounded, and so is what describes them: a
 * library keeps a name in memory however long it says it is. What is wrong is one line that says
 * so.
 */
final class ForeignTar {
  /** For one file's names, times and attributes, and for what follows the end of the archive. */
  private static final long MOST_DESCRIPTION = 1 << 20;

  /** For all files together, beside what is usual for each: the library keeps some of it. */
  private static final long MOST_DESCRIBED = 16 << 20;

  private static final int USUAL_DESCRIPTION = 4096;
  private static final int LONGEST_NAME = 255;
  private static final int SHOWN = 100;

  private final String source;
  private final Budget in;
  private final TarArchiveInputStream tar;
  private final long limit;
  private final int mostFiles;
  private long left;
  private int files;
  private long described;
  private int seen;

  /**
   * What is left of an allowance that may be for several archives.
   *
   * @param bytes that may come of them
   * @param files that may be in them
   */
  record Allowance(long bytes, int files) {}

  /**
   * One thing in the archive.
   *
   * @param name segments with slashes between them; nothing of it leads outside; empty: the root
   * @param header what the archive says of it
   */
  record Entry(String name, TarArchiveEntry header) {
    boolean folder() {
      return header.isDirectory();
    }

    /** Whether it is a file with content of its own; the library calls devices files, too. */
    boolean plain() {
      return header.isFile()
          && !header.isLink()
          && !header.isSymbolicLink()
          && !header.isCharacterDevice()
          && !header.isBlockDevice()
          && !header.isFIFO();
    }
  }

  /**
   * @param source what it is a part of, for messages
   * @param in closed by whoever opened it
   */
  ForeignTar(String source, InputStream in, Allowance allowance) {
    this.source = source;
    this.in = new Budget(in);
    this.tar = new TarArchiveInputStream(this.in, StandardCharsets.UTF_8.name());
    this.limit = allowance.bytes();
    this.mostFiles = allowance.files();
    this.left = limit;
    this.files = mostFiles;
  }

  /** What it did not use. */
  Allowance left() {
    return new Allowance(left, files);
  }

  /**
   * The next thing; empty at the end.
   *
   * @throws InvalidImageException when the archive is none, or more than is allowed
   */
  Optional<Entry> next() throws IOException {
    if (tar.getCurrentEntry() != null) {
      content().transferTo(OutputStream.nullOutputStream()); // or the library skips, uncounted
    }
    in.allow(MOST_DESCRIPTION);
    long before = in.passed;
    TarArchiveEntry header;
    try {
      header = tar.getNextEntry();
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(e);
    }
    if (header == null) {
      return Optional.empty();
    }
    described += in.passed - before;
    if (described > MOST_DESCRIBED + (long) ++seen * USUAL_DESCRIPTION) {
      throw wrong("describes its files in more than %d bytes".formatted(MOST_DESCRIBED), null);
    }
    if (header.isSparse()) {
      // its size says how much is stored, and it unpacks to whatever it likes
      throw wrong(
          "holds %s, which is neither file nor folder".formatted(clip(header.getName())), null);
    }
    long size = header.getSize();
    left -= Math.max(0, size);
    if (--files < 0 || left < 0) {
      throw wrong("unpacks to more than %d bytes or %d files".formatted(limit, mostFiles), null);
    }
    in.allow(Math.max(0, size) + MOST_DESCRIPTION);
    return Optional.of(new Entry(name(header.getName()), header));
  }

  /** Writes the file that was read last; its folder is made. */
  void copyTo(Path target) throws IOException {
    Files.createDirectories(target.resolveSibling(""));
    try (InputStream content = content()) {
      Files.copy(content, target);
    }
  }

  /** The file that was read last; closing it closes nothing. */
  private InputStream content() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
          return tar.read(bytes, offset, length);
        } catch (IOException | IllegalArgumentException e) {
          throw unreadable(e);
        }
      }
    };
  }

  /** What it was: a stream that could not be read, or that was read enough of, says so itself. */
  private IOException unreadable(Exception e) {
    return in.said && e instanceof IOException own
        ? own
        : wrong("is damaged or no image: it is not the archive of files that one is", e);
  }

  /**
   * Reads what follows the end of the archive, as it counts for digests.
   *
   * @throws InvalidImageException when that is more than padding
   */
  void end() throws IOException {
    in.allow(MOST_DESCRIPTION);
    in.transferTo(OutputStream.nullOutputStream());
  }

  private String name(String name) throws InvalidImageException {
    List<String> segments = new ArrayList<>();
    for (String segment : name.split("/")) {
      if (segment.equals("..")) {
        throw wrong("holds %s, which leads outside of it".formatted(clip(name)), null);
      }
      if (segment.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME
          || segment.indexOf('\0') >= 0) {
        throw wrong("holds a file whose name is none here: " + clip(name), null);
      }
      if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    return String.join("/", segments);
  }

  private InvalidImageException wrong(String what, @Nullable Exception e) {
    return e == null
        ? new InvalidImageException(source + " " + what)
        : new InvalidImageException(source + " " + what, e);
  }

  /** A word of a stranger's, on one line of a terminal. */
  static String clip(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
  }

  /** Lets so many bytes through, and no more. */
  private final class Budget extends FilterInputStream {
    private long allowed;
    private long passed;

    /** Whether it ended with a message of its own. */
    private boolean said;

    Budget(InputStream in) {
      super(in);
    }

    void allow(long bytes) {
      allowed = bytes;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count;
      try {
        count = in.read(bytes, offset, length);
      } catch (IOException e) {
        said = true;
        throw e;
      }
      spend(count);
      return count;
    }

    @Override
    public long skip(long bytes) throws IOException {
      // by reading: what is below counts what goes by for digests
      byte[] away = new byte[(int) Math.max(0, Math.min(bytes, 8192))];
      return bytes <= 0 ? 0 : Math.max(0, read(away, 0, away.length));
    }

    @Override
    public int available() {
      return 0; // else the library skips ahead in the stream below
    }

    private void spend(int count) throws InvalidImageException {
      passed += Math.max(0, count);
      allowed -= Math.max(0, count);
      if (allowed < 0) {
        said = true;
        throw wrong("describes its files in more than %d bytes".formatted(MOST_DESCRIPTION), null);
      }
    }
  }
}
