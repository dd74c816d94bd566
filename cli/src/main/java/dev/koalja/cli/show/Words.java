package dev.koalja.cli.show;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Durations, sizes, times and counts in words for people; times are local. */
public final class Words {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MM-dd HH:mm:ss");

  private Words() {}

  /** {@code 8 ms}, {@code 1.2 s}, {@code 4 m 12 s}, {@code 2 h 5 m}, {@code 3 d 4 h}. */
  public static String duration(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
    if (duration.toHours() < 1) {
      return "%d m %d s".formatted(duration.toMinutes(), duration.toSecondsPart());
    }
    if (duration.toDays() < 1) {
      return "%d h %d m".formatted(duration.toHours(), duration.toMinutesPart());
    }
    return "%d d %d h".formatted(duration.toDays(), duration.toHoursPart());
  }

  /** {@code 17 B}, {@code 2.1 KB}, {@code 3.4 MB}; steps of 1,000. */
  public static String size(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double value = bytes / 1000.0;
    for (String unit : new String[] {"KB", "MB"}) {
      if (value < 999.95) {
        return String.format(Locale.ROOT, "%.1f %s", value, unit);
      }
      value /= 1000;
    }
    return String.format(Locale.ROOT, "%.1f GB", value);
  }

  /** The local time; with the day when it is not today's. */
  public static String time(Instant instant) {
    ZonedDateTime local = instant.atZone(ZoneId.systemDefault());
    return local.toLocalDate().equals(LocalDate.now(ZoneId.systemDefault()))
        ? TIME.format(local)
        : DAY.format(local);
  }

  /** {@code 1 event}, {@code 3 events}. */
  public static String count(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /** At most {@code limit} characters on one line; what is cut off shows as an ellipsis. */
  public static String clip(String text, int limit) {
    String line = text.replace('\n', ' ').replace('\r', ' ');
    return line.length() <= limit ? line : line.substring(0, Math.max(1, limit - 1)) + "…";
  }

  /** Why a file could not be read or written, with its name; never that of a class. */
  public static String reason(IOException e) {
    String file = e instanceof FileSystemException named ? named.getFile() : null;
    String message = String.valueOf(e.getMessage());
    return switch (e) {
      case AccessDeniedException _ -> "no permission for " + file;
      case NoSuchFileException _ -> "there is no " + file;
      case FileAlreadyExistsException _ -> file + " is there already";
      case NotDirectoryException _ -> file + " is no folder";
      case DirectoryNotEmptyException _ -> file + " is not empty";
      case FileSystemLoopException _ -> file + " is a link to itself";
      default ->
          e.getMessage() == null || message.equals(file)
              ? (file == null ? "the system says no more" : file + " cannot be used")
              : message;
    };
  }
}
