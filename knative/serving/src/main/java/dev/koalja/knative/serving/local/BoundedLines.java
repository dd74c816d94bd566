package dev.koalja.knative.serving.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Cuts a stream of bytes into lines, and lines that are too long into pieces. */
final class BoundedLines {
  private static final int LONGEST = 16 * 1024;

  private BoundedLines() {}

  /**
   * Reads to the end of the stream.
   *
   * @param line gets each line without its end
   * @param pause called whenever no more bytes are there for the moment
   */
  static void read(InputStream in, Consumer<String> line, Runnable pause) throws IOException {
    ByteArrayOutputStream begun = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    int count;
    while ((count = in.read(buffer)) >= 0) {
      for (int i = 0; i < count; i++) {
        if (buffer[i] == '\n') {
          line.accept(take(begun));
        } else {
          begun.write(buffer[i]);
          if (begun.size() == LONGEST) {
            line.accept(take(begun));
          }
        }
      }
      if (in.available() == 0) {
        pause.run();
      }
    }
    if (begun.size() > 0) {
      line.accept(take(begun));
    }
    pause.run();
  }

  private static String take(ByteArrayOutputStream begun) {
    String line = begun.toString(StandardCharsets.UTF_8);
    begun.reset();
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }
}
