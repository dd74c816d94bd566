package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import dev.koalja.knative.serving.StartPhase;
import dev.koalja.knative.serving.Starts;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became of the starts of a group. Guarded by the lock of the group. */
final class StartRecord {
  private static final int KEPT = 100;

  /** After so many starts in a row that nobody needed, none is started ahead of need. */
  private static final int IN_VAIN = 3;

  private final Deque<Duration> totals = new ArrayDeque<>();

  /** Totals of those with a start-up cache, to say what doing without it costs. */
  private final Deque<Duration> cached = new ArrayDeque<>();

  private final Map<StartPhase, Deque<Duration>> phases = new EnumMap<>(StartPhase.class);
  private final Map<StartPhase, Duration> lastPhases = new EnumMap<>(StartPhase.class);
  private @Nullable ColdStart last;
  private @Nullable String withoutCache;
  private long starts;
  private long useful;
  private long wasted;
  private int inVain;
  private long crashes;

  /**
   * A process is ready.
   *
   * @param problem why it could not use its start-up cache, if so
   * @return the same with what that cost, for people
   */
  Optional<String> started(ColdStart start, Optional<String> problem) {
    starts++;
    last = start;
    lastPhases.clear();
    start.phases().forEach(this::add);
    keep(totals, start.total());
    if (problem.isEmpty()) {
      keep(cached, start.total());
    }
    Optional<String> told = problem.map(why -> why + ": " + cost(start));
    withoutCache = told.orElse(null);
    return told;
  }

  private String cost(ColdStart start) {
    return "the last start took %d ms, %s"
        .formatted(
            start.total().toMillis(),
            median(cached)
                .map(usual -> "with its cache it was " + usual.toMillis() + " ms")
                .orElse("several times as long as with its cache"));
  }

  private void add(StartPhase phase, Duration took) {
    lastPhases.put(phase, took);
    keep(phases.computeIfAbsent(phase, _ -> new ArrayDeque<>()), took);
  }

  private static void keep(Deque<Duration> values, Duration value) {
    values.addLast(value);
    if (values.size() > KEPT) {
      values.removeFirst();
    }
  }

  /** The process that started so answered its first request. */
  void replied(@Nullable ColdStart start, Duration took) {
    if (Objects.equals(start, last)) {
      lastPhases.put(StartPhase.REPLY, took);
    }
    keep(phases.computeIfAbsent(StartPhase.REPLY, _ -> new ArrayDeque<>()), took);
  }

  /** An event reached a process for the first time. */
  void reached(boolean ahead) {
    inVain = 0;
    if (ahead) {
      useful++;
    }
  }

  void wasted() {
    wasted++;
    inVain++;
  }

  /** Whether starts ahead of need do not pay at present: they go on once an event came. */
  boolean paused() {
    return inVain >= IN_VAIN;
  }

  void crashed() {
    crashes++;
  }

  Starts starts() {
    Map<StartPhase, Duration> medians = new EnumMap<>(StartPhase.class);
    phases.forEach((phase, all) -> median(all).ifPresent(took -> medians.put(phase, took)));
    return new Starts(
        starts,
        useful,
        wasted,
        paused(),
        crashes,
        median(totals),
        lastPhases,
        medians,
        Optional.ofNullable(withoutCache));
  }

  private static Optional<Duration> median(Collection<Duration> values) {
    List<Duration> sorted = values.stream().sorted().toList();
    return sorted.isEmpty() ? Optional.empty() : Optional.of(sorted.get(sorted.size() / 2));
  }
}
