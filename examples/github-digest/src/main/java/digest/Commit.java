package digest;

import dev.koalja.function.Key;
import java.time.OffsetDateTime;

/**
 * One commit.
 *
 * @param push the hash that was pushed; keeps the commits of a push together and in order
 * @param of how many commits the push has
 * @param repository such as {@code octocat/hello}
 * @param ref such as {@code refs/heads/main}
 * @param id its hash
 * @param message the whole message
 * @param author who
 * @param at when
 */
record Commit(
    @Key String push,
    int of,
    String repository,
    String ref,
    String id,
    String message,
    String author,
    OffsetDateTime at) {}
