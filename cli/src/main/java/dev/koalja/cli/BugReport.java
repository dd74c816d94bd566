package dev.koalja.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** The file people send us: versions and the stack trace, and nothing of their data. */
final class BugReport {
  private BugReport() {}

  /** Writes it and returns its path, or says why it could not be written. */
  static String write(String command, Throwable bug) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    out.println("koalja " + Versions.load().koalja() + ", command: " + command);
    out.println(
        "Java %s (%s), %s %s %s"
            .formatted(
                System.getProperty("java.version"),
                System.getProperty("java.vendor"),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    out.println(Instant.now());
    bug.printStackTrace(out);
    try {
      Path file = Files.createTempFile("koalja-report-", ".txt");
      return Files.writeString(file, text.toString()).toString();
    } catch (IOException e) {
      return "(not written: " + e.getMessage() + ")\n" + text;
    }
  }
}
