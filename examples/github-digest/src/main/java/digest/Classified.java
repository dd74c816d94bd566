package digest;

import dev.koalja.function.Key;

/**
 * A commit and its kind.
 *
 * @param push the hash that was pushed
 * @param of how many commits the push has
 * @param repository such as {@code octocat/hello}
 * @param ref such as {@code refs/heads/main}
 * @param id its hash
 * @param kind a kind of Conventional Commits, such as {@code feat}; {@code other} when it is none
 * @param scope what it concerns; empty when it does not say
 * @param breaking whether it breaks what was there
 * @param subject the first line without kind and scope
 */
record Classified(
    @Key String push,
    int of,
    String repository,
    String ref,
    String id,
    String kind,
    String scope,
    boolean breaking,
    String subject) {}
