package dev.koalja.pipeline.event;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * W3C trace context, version 00: the trace an event belongs to and the span that sent it.
 *
 * @param traceId 32 lower-case hex digits, not all zero
 * @param spanId 16 lower-case hex digits, not all zero
 * @param sampled whether the caller records this trace
 */
public record TraceParent(String traceId, String spanId, boolean sampled) {
  private static final int LENGTH =
      "00-%s-%s-00".formatted("0".repeat(32), "0".repeat(16)).length();

  /** Reads a header; empty when it is not a valid trace parent, which then is ignored. */
  public static Optional<TraceParent> parse(String header) {
    String text = header.trim();
    if (text.length() != LENGTH
        || !text.startsWith("00-")
        || text.charAt(35) != '-'
        || text.charAt(52) != '-'
        || !isId(text, 3, 35)
        || !isId(text, 36, 52)
        || !isHex(text, 53, LENGTH)) {
      return Optional.empty();
    }
    boolean sampled = (Character.digit(text.charAt(LENGTH - 1), 16) & 1) == 1;
    return Optional.of(new TraceParent(text.substring(3, 35), text.substring(36, 52), sampled));
  }

  /** Whether the digits are hexadecimal and not all zero. */
  private static boolean isId(String text, int begin, int end) {
    boolean zero = true;
    for (int i = begin; i < end; i++) {
      zero &= text.charAt(i) == '0';
    }
    return !zero && isHex(text, begin, end);
  }

  private static boolean isHex(String text, int begin, int end) {
    for (int i = begin; i < end; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
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
