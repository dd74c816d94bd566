package dev.koalja.pipeline.event;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * W3C trace context, version 00: the trace an event belongs to and the span that sent it.
 *
 * @param traceId 32 lower-case hex digits, not all zero
 * @param spanId 16 lower-case hex digits, not all zero
 * @param sampled whether the caller records this trace
 */
public record TraceParent(String traceId, String spanId, boolean sampled) {
  private static final Pattern FORMAT =
      Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

  /** Reads a header; empty when it is not a valid trace parent, which then is ignored. */
  public static Optional<TraceParent> parse(String header) {
    Matcher matcher = FORMAT.matcher(header.trim());
    if (!matcher.matches()
        || matcher.group(1).chars().allMatch(c -> c == '0')
        || matcher.group(2).chars().allMatch(c -> c == '0')) {
      return Optional.empty();
    }
    boolean sampled = (Integer.parseInt(matcher.group(3), 16) & 1) == 1;
    return Optional.of(new TraceParent(matcher.group(1), matcher.group(2), sampled));
  }

  /** Begins a new trace. */
  public static TraceParent start() {
    return new TraceParent(hex() + hex(), hex(), true);
  }

  /** A new span of the same trace. */
  public TraceParent child() {
    return new TraceParent(traceId, hex(), sampled);
  }

  private static String hex() {
    long bits;
    do {
      bits = ThreadLocalRandom.current().nextLong();
    } while (bits == 0);
    return HexFormat.of().toHexDigits(bits);
  }

  @Override
  public String toString() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }
}
