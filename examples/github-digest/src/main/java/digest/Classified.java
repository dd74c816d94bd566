package digest;

import dev.koalja.function.Key;

/**
 * A commit and its kind.
 *
 * @param repository such as {@code octocat/hello}
 * @param id its hash
 * @param kind a kind of Conventional Commits, such as {@code feat}; {@code other} when it is none
 * @param scope what it concerns; empty when it does not say
 * @param breaking whether it breaks what was there
 * @param subject the first line without kind and scope
 */
record Classified(
    @Key String repository,
    String id,
    String kind,
    String scope,
    boolean breaking,
    String subject) {}
