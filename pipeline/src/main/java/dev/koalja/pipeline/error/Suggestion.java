package dev.koalja.pipeline.error;

import java.util.Collection;
import java.util.Optional;

/** Guesses what was meant by a misspelt word. */
public final class Suggestion {
  private Suggestion() {}

  /** The known word nearest to {@code word}, if one is near enough to be meant. */
  public static Optional<String> nearest(String word, Collection<String> known) {
    int limit = word.length() <= 3 ? 1 : word.length() <= 7 ? 2 : 3;
    String nearest = null;
    int least = limit + 1;
    for (String candidate : known) {
      // a word of another length is that many edits away, whatever its letters
      if (Math.abs(candidate.length() - word.length()) < least) {
        int distance = distance(word, candidate, least);
        if (distance < least) {
          nearest = candidate;
          least = distance;
        }
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** {@code : did you mean "x"?}, or nothing. */
  public static String didYouMean(String word, Collection<String> known) {
    return nearest(word, known).map(near -> ": did you mean \"" + near + "\"?").orElse("");
  }

  /**
   * Edits (insert, delete, replace, swap of neighbours) that turn one word into the other, as far
   * as they are fewer than {@code limit}.
   */
  private static int distance(String a, String b, int limit) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      int least = Integer.MAX_VALUE;
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          least = Math.min(least, cost[i][j]);
          continue;
        }
        int replace = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(replace, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          cost[i][j] = Math.min(cost[i][j], 1 + cost[i - 2][j - 2]);
        }
        least = Math.min(least, cost[i][j]);
      }
      if (least >= limit) {
        return limit;
      }
    }
    return cost[a.length()][b.length()];
  }
}
