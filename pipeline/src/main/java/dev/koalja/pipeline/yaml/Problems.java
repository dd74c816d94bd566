package dev.koalja.pipeline.yaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The problems found so far, of which nobody reads more than a page: reading stops when there are
 * as many, so that a broken or hostile file costs no more than it shows.
 */
final class Problems {
  static final int MAX = 100;
  private static final int MAX_LENGTH = 1000;

  private final List<Problem> found = new ArrayList<>();

  /** There are as many problems as are reported: nothing more need be read. */
  static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Enough() {
      super("more than " + MAX + " problems", null, true, false);
    }
  }

  /**
   * Notes a problem.
   *
   * @throws Enough when it is the last one that is reported
   */
  void add(Location location, String path, String message) {
    if (found.size() < MAX) {
      found.add(new Problem(location, cut(path), cut(message)));
    }
    if (found.size() == MAX) {
      throw new Enough();
    }
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /** Each once, in the order of the files. */
  List<Problem> sorted() {
    List<Problem> sorted =
        new ArrayList<>(
            found.stream()
                .distinct()
                .sorted(
                    Comparator.comparing((Problem problem) -> problem.location().file())
                        .thenComparingInt(problem -> problem.location().line())
                        .thenComparingInt(problem -> problem.location().column()))
                .toList());
    if (found.size() == MAX) {
      sorted.add(
          new Problem(
              sorted.getLast().location(), "", "reading stopped here: mend these problems first"));
    }
    return sorted;
  }

  private static String cut(String text) {
    return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
  }
}
