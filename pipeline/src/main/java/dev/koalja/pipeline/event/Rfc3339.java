package dev.koalja.pipeline.event;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Times as RFC 3339 writes them, which have years of four digits. Java reads and computes with
 * more, and then fails far from where the time came in.
 */
public final class Rfc3339 {
  private static final int SECONDS_END = "2026-11-22T16:54:24".length();
  private static final int NANO_DIGITS = 9;

  private Rfc3339() {}

  /**
   * Reads a time with its offset.
   *
   * @throws DateTimeException when it is none, or outside the years 0000 to 9999 in UTC
   */
  public static OffsetDateTime parse(String text) {
    OffsetDateTime plain = parsePlain(text);
    return plain == null ? require(OffsetDateTime.parse(text)) : plain;
  }

  /**
   * The form that nearly everybody writes, {@code 2026-11-22T16:54:24.5Z}: several times in the
   * life of each event, and a formatter takes ten times as long. Null for anything else.
   */
  private static @Nullable OffsetDateTime parsePlain(String text) {
    int end = text.length() - 1;
    if (end < SECONDS_END
        || end == SECONDS_END + 1
        || end > SECONDS_END + 1 + NANO_DIGITS
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || text.charAt(10) != 'T'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':'
        || text.charAt(end) != 'Z'
        || end > SECONDS_END && text.charAt(SECONDS_END) != '.') {
      return null;
    }
    int year = number(text, 0, 4);
    int nano = end == SECONDS_END ? 0 : number(text, SECONDS_END + 1, end);
    if (year < 0 || nano < 0) {
      return null;
    }
    for (int digits = end - SECONDS_END - 1; digits < NANO_DIGITS; digits++) {
      nano *= 10;
    }
    try {
      return OffsetDateTime.of(
          year,
          number(text, 5, 7),
          number(text, 8, 10),
          number(text, 11, 13),
          number(text, 14, 16),
          number(text, 17, SECONDS_END),
          nano,
          ZoneOffset.UTC);
    } catch (DateTimeException _) {
      return null; // the formatter says what is wrong
    }
  }

  /** The number some digits are; negative when they are none. */
  private static int number(String text, int begin, int end) {
    int number = 0;
    for (int i = begin; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = 10 * number + digit;
    }
    return number;
  }

  /**
   * The time itself.
   *
   * @throws DateTimeException when it is outside the years 0000 to 9999 in UTC
   */
  public static OffsetDateTime require(OffsetDateTime time) {
    int year = time.withOffsetSameInstant(ZoneOffset.UTC).getYear();
    if (year < 0 || year > 9999 || time.getYear() < 0 || time.getYear() > 9999) {
      throw new DateTimeException("outside the years 0000 to 9999");
    }
    return time;
  }

  /** Writes a time, seconds included even when they are zero. */
  public static String format(OffsetDateTime time) {
    if (!time.getOffset().equals(ZoneOffset.UTC) || time.getYear() < 0 || time.getYear() > 9999) {
      return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time);
    }
    StringBuilder text = new StringBuilder(SECONDS_END + NANO_DIGITS + 2);
    append(text, time.getYear() / 100);
    append(text, time.getYear() % 100);
    append(text.append('-'), time.getMonthValue());
    append(text.append('-'), time.getDayOfMonth());
    append(text.append('T'), time.getHour());
    append(text.append(':'), time.getMinute());
    append(text.append(':'), time.getSecond());
    int rest = time.getNano();
    if (rest > 0) {
      text.append('.');
      for (int unit = 100_000_000; rest > 0; unit /= 10) {
        text.append((char) ('0' + rest / unit));
        rest %= unit;
      }
    }
    return text.append('Z').toString();
  }

  private static void append(StringBuilder text, int twoDigits) {
    text.append((char) ('0' + twoDigits / 10)).append((char) ('0' + twoDigits % 10));
  }
}
