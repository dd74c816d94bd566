package dev.koalja.pipeline.event;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Times as RFC 3339 writes them, which have years of four digits. Java reads and computes with
 * more, and then fails far from where the time came in.
 */
public final class Rfc3339 {
  private Rfc3339() {}

  /**
   * Reads a time with its offset.
   *
   * @throws DateTimeException when it is none, or outside the years 0000 to 9999 in UTC
   */
  public static OffsetDateTime parse(String text) {
    return require(OffsetDateTime.parse(text));
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
    return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time);
  }
}
