package dev.koalja.pipeline;

import java.time.Duration;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many in a time, such as {@code 100/s}.
 *
 * @param count how many; 1 to 1,000,000
 * @param per in which time: a second, a minute or an hour
 */
public record Rate(int count, Duration per) {
  public static final int MAX_COUNT = 1_000_000;
  private static final Pattern TEXT = Pattern.compile("(\\d{1,7})/([smh])");
  private static final Set<Duration> TIMES =
      Set.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1));

  public Rate {
    if (count < 1 || count > MAX_COUNT || !TIMES.contains(per)) {
      throw new IllegalArgumentException("no rate: %d in %s".formatted(count, per));
    }
  }

  /**
   * Reads {@code 100/s}, {@code 100/m} or {@code 100/h}.
   *
   * @throws IllegalArgumentException saying what is accepted
   */
  public static Rate parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    int count = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    if (count < 1 || count > MAX_COUNT) {
      throw new IllegalArgumentException(
          "\"%s\" is no rate: write a number from 1 to %d and /s, /m or /h, such as 100/s"
              .formatted(text, MAX_COUNT));
    }
    return new Rate(
        count,
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(1);
          case "m" -> Duration.ofMinutes(1);
          default -> Duration.ofHours(1);
        });
  }

  /** The text {@link #parse} reads. */
  @Override
  public String toString() {
    return count + "/" + (per.toSeconds() == 1 ? "s" : per.toSeconds() == 60 ? "m" : "h");
  }
}
