package digest;

import dev.koalja.function.Key;
import java.time.OffsetDateTime;

/**
 * One commit.
 *
 * @param repository such as {@code octocat/hello}; keeps a repository's commits in order
 * @param id its hash
 * @param message the whole message
 * @param author who
 * @param at when
 */
record Commit(
    @Key String repository, String id, String message, String author, OffsetDateTime at) {}
