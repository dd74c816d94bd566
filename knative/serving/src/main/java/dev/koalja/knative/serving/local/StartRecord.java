package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** What became of the starts of a group. Guarded by the lock of the group. */
final class StartRecord {
  private static final int KEPT = 100;

  private final Deque<Duration> last = new ArrayDeque<>();
  private long starts;
  private long wasted;
  private long crashes;

  void started(ColdStart start) {
    starts++;
    last.addLast(start.total());
    if (last.size() > KEPT) {
      last.removeFirst();
    }
  }

  void wasted() {
    wasted++;
  }

  void crashed() {
    crashes++;
  }

  long starts() {
    return starts;
  }

  long wastedStarts() {
    return wasted;
  }

  long crashes() {
    return crashes;
  }

  /** The median of the last 100 starts. */
  Optional<Duration> median() {
    List<Duration> sorted = last.stream().sorted().toList();
    return sorted.isEmpty() ? Optional.empty() : Optional.of(sorted.get(sorted.size() / 2));
  }
}
