package digest;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * What of GitHub's push payload is read here; the rest is passed over.
 *
 * @param after the hash that was pushed
 * @param ref such as {@code refs/heads/main}
 * @param repository where
 * @param commits what was pushed; none when a branch was deleted
 */
record Push(String after, String ref, Repository repository, List<PushedCommit> commits) {
  Push {
    commits = commits == null ? List.of() : List.copyOf(commits);
  }

  record Repository(@JsonProperty("full_name") String fullName) {}

  record PushedCommit(String id, String message, OffsetDateTime timestamp, Author author) {}

  record Author(String name) {}
}
