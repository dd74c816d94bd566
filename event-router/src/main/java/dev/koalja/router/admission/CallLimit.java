package dev.koalja.router.admission;

/**
 * How many calls a function takes side by side, found out by trying. Falls by a third when calls
 * are pushed back, at most once for those under way together; grows by one with each answer until
 * where it fell, then by one with each round of answers. Only grows while half of it is used, so
 * that quiet times say nothing. Not thread-safe.
 */
final class CallLimit {
  private static final double FALL = 0.7;

  private final int most;
  private double limit;
  private double fellAt;
  private long fell;
  private long calls;

  CallLimit(int most) {
    this.most = most;
    this.limit = most;
    this.fellAt = most;
  }

  /** Calls that may be under way. */
  int calls() {
    return (int) limit;
  }

  /** A call begins; gives its number. */
  long began() {
    return ++calls;
  }

  /** A call was answered while {@code underWay} were, itself included. */
  void served(int underWay) {
    if (2 * underWay >= limit) {
      limit = Math.min(most, limit < fellAt ? limit + 1 : limit + 1 / limit);
    }
  }

  /** A call was pushed back while {@code underWay} were, itself included. */
  void pushedBack(long call, int underWay) {
    if (call > fell) {
      limit = Math.max(1, Math.min(limit, underWay) * FALL);
      fellAt = limit;
      fell = calls;
    }
  }

  /** Begins with a single call, and feels its way back to where it was. */
  void startSlowly() {
    fellAt = Math.max(fellAt, limit);
    limit = 1;
    fell = calls;
  }
}
