package dev.koalja.knative.serving;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What became of the starts of an app's instances since it was first applied.
 *
 * @param ready instances that became ready
 * @param useful of those started ahead of need, how many an event reached before they went
 * @param wasted of those started ahead of need, how many ended without a single request
 * @param paused whether none is started ahead at present, because the last ones were all wasted
 * @param crashes processes that ended without being asked to
 * @param median of the last 100 starts, until ready; absent before the first
 * @param last how long each phase of the last start took; the first reply as soon as it came
 * @param medians the median of each phase over the last 100 starts
 * @param withoutCache why the last start could not use its start-up cache, and what that cost, for
 *     people; absent when it could, or when the build has none
 */
public record Starts(
    long ready,
    long useful,
    long wasted,
    boolean paused,
    long crashes,
    Optional<Duration> median,
    Map<StartPhase, Duration> last,
    Map<StartPhase, Duration> medians,
    Optional<String> withoutCache) {
  /** Where somebody else starts them, and counts. */
  public static final Starts UNKNOWN =
      new Starts(0, 0, 0, false, 0, Optional.empty(), Map.of(), Map.of(), Optional.empty());

  public Starts {
    last = inOrder(last);
    medians = inOrder(medians);
  }

  private static Map<StartPhase, Duration> inOrder(Map<StartPhase, Duration> phases) {
    Map<StartPhase, Duration> sorted = new EnumMap<>(StartPhase.class);
    sorted.putAll(phases);
    return Collections.unmodifiableMap(sorted);
  }
}
