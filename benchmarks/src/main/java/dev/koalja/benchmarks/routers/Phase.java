package dev.koalja.benchmarks.routers;

import dev.koalja.benchmarks.load.OpenLoop;
import java.util.Optional;

/** What happens to the second member, one after the other; before each change nothing does. */
enum Phase {
  WARM_UP(""),
  ONE(""),
  JOINS("another joins"),
  TWO(""),
  LEAVES("it leaves in order"),
  ONE_AGAIN(""),
  JOINS_AGAIN("another joins again"),
  TWO_AGAIN(""),
  KILLED("it is killed");

  private final String title;

  Phase(String title) {
    this.title = title;
  }

  /** The change with which the phase begins. */
  Optional<String> change() {
    return title.isEmpty() ? Optional.empty() : Optional.of(title);
  }

  /** The one before, of the same members. */
  Phase before() {
    return values()[ordinal() - 1];
  }

  void begin(Member second) {
    switch (this) {
      case JOINS, JOINS_AGAIN -> second.start();
      case LEAVES -> second.stop();
      case KILLED -> second.kill();
      case WARM_UP, ONE, TWO, ONE_AGAIN, TWO_AGAIN -> {}
    }
  }

  /**
   * The highest latency of the events that were due in this phase, in milliseconds. Each phase
   * counts from a second before it begins: what was under way at a change meets it too.
   *
   * @param load as many events for each phase
   * @param seen when each result was seen
   */
  double highest(OpenLoop load, long[] seen) {
    int count = load.count() / values().length;
    long highest = 0;
    int lead = load.rate();
    int end = (ordinal() + 1) * count - lead;
    for (int index = Math.max(0, ordinal() * count - lead); index < end; index++) {
      highest = Math.max(highest, seen[index] - load.due(index));
    }
    return highest / 1e6;
  }
}
