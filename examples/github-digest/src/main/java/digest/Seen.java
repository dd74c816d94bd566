package digest;

import java.util.ArrayList;
import java.util.List;

/**
 * The commits of a push that were classified so far.
 *
 * @param commits in their order
 */
record Seen(List<Classified> commits) {
  static final Seen NOTHING = new Seen(List.of());

  Seen {
    commits = List.copyOf(commits);
  }

  Seen and(Classified commit) {
    List<Classified> more = new ArrayList<>(commits);
    more.add(commit);
    return new Seen(more);
  }
}
