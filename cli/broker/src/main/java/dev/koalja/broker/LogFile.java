package dev.koalja.broker;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The broker's log: one file of at most 8 MiB and the one before it. Remembers the last severe
 * message, which is the reason when Kafka ends itself. Safe for threads.
 */
final class LogFile extends Handler {
  private static final long LIMIT = 8L << 20;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

  // the log manager holds loggers weakly: without these their levels would be forgotten
  private static final Logger ROOT = Logger.getLogger("");
  private static final Logger CONFIG = Logger.getLogger("org.apache.kafka.common.config");
  private static final Logger ALL_SETTINGS = Logger.getLogger("kafka.server.KafkaConfig");

  private final Path file;
  private BufferedWriter writer;
  private long written;
  private String lastSevere = "";
  private String lastCause = "";

  private LogFile(Path file) throws IOException {
    this.file = file;
    this.written = Files.exists(file) ? Files.size(file) : 0;
    this.writer = open(file);
  }

  /**
   * Sends everything logged in this process to {@code file} and nothing to the console.
   *
   * @throws UnusableException when the file cannot be written
   */
  static LogFile start(Path file) throws UnusableException {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      LogFile log = new LogFile(file);
      for (Handler console : ROOT.getHandlers()) {
        ROOT.removeHandler(console);
      }
      ROOT.addHandler(log);
      ROOT.setLevel(Level.INFO);
      CONFIG.setLevel(Level.WARNING);
      ALL_SETTINGS.setLevel(Level.WARNING);
      return log;
    } catch (IOException e) {
      throw new UnusableException("log file " + file + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** Why Kafka ended, as its last severe messages say it; "see its log" when there are none. */
  synchronized String reason() {
    String what = lastSevere.isEmpty() ? "see its log" : lastSevere;
    return lastCause.isEmpty() ? what : lastCause + " (" + what + ")";
  }

  @Override
  public synchronized void publish(LogRecord record) {
    String message = String.valueOf(record.getMessage());
    if (record.getLevel().intValue() >= Level.SEVERE.intValue()) {
      lastSevere = message.lines().findFirst().orElse("");
      for (Throwable each = record.getThrown(); each != null; each = each.getCause()) {
        // the innermost says it best: "No space left on device"
        lastCause = String.valueOf(each.getMessage()).lines().findFirst().orElse("");
      }
    }
    StringBuilder line = new StringBuilder();
    line.append(TIME.format(Instant.ofEpochMilli(record.getMillis())))
        .append(' ')
        .append(record.getLevel().getName())
        .append(' ')
        .append(record.getLoggerName())
        .append("  ")
        .append(message)
        .append('\n');
    if (record.getThrown() != null) {
      StringWriter trace = new StringWriter();
      record.getThrown().printStackTrace(new PrintWriter(trace));
      line.append(trace);
    }
    try {
      if (written > LIMIT) {
        rotate();
      }
      writer.write(line.toString());
      writer.flush();
      written += line.length();
    } catch (IOException e) {
      // the disk is full or the folder gone: Kafka finds out by its own files and ends with a line
    }
  }

  private void rotate() throws IOException {
    writer.close();
    Files.move(
        file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
    writer = open(file);
    written = 0;
  }

  private static BufferedWriter open(Path file) throws IOException {
    return Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Override
  public void flush() {
    // every line is flushed as it is written
  }

  @Override
  public synchronized void close() {
    try {
      writer.close();
    } catch (IOException e) {
      // every line was flushed already
    }
  }
}
