package dev.koalja.test;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A snapshot that is not complete, or may not fire yet.
 *
 * @param key what its events have in common; empty where nothing is correlated
 * @param has how many events each input has, in the order of the task
 * @param misses the inputs that have too few
 * @param since when the oldest event that was not used yet came
 */
public record WaitingSnapshot(
    String key, Map<String, Integer> has, List<String> misses, Instant since) {
  /** Copies both. */
  public WaitingSnapshot {
    has = new LinkedHashMap<>(has);
    misses = List.copyOf(misses);
  }
}
