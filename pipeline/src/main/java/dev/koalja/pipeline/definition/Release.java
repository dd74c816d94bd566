package dev.koalja.pipeline.definition;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which code came into force with a wiring, when and why. It is part of the revision: both come
 * into force at once or not at all.
 *
 * @param id chosen by whoever applied it, so that it finds its own again
 * @param at when it was applied
 * @param cause why
 * @param restores of a rollback: the revision whose code and wiring this brings back
 * @param home the folder of builds that the numbers belong to; elsewhere they mean nothing
 * @param builds of each app and of each pipeline file without functions, by name
 */
public record Release(
    String id,
    Instant at,
    Cause cause,
    Optional<Long> restores,
    String home,
    SortedMap<String, Build> builds) {

  /** Why a revision came into force. */
  public enum Cause {
    /** A run began with it, or somebody applied it. */
    @JsonProperty("applied")
    APPLIED,
    /** A saved change. */
    @JsonProperty("reload")
    RELOAD,
    /** {@code koalja upgrade}. */
    @JsonProperty("upgrade")
    UPGRADE,
    /** {@code koalja rollback}. */
    @JsonProperty("rollback")
    ROLLBACK
  }

  /**
   * A build.
   *
   * @param number the folder that holds it, below that of its name
   * @param runs whether processes are started from it; else it is a pipeline file and no more, or
   *     that of an app that somebody else runs
   * @param code the code revision that the journal names, as far as it is known
   * @param version its version, for people
   * @param image the digest of the image it was unpacked from
   */
  public record Build(
      int number,
      boolean runs,
      Optional<String> code,
      Optional<String> version,
      Optional<String> image) {
    public Build {
      code = Objects.requireNonNullElse(code, Optional.empty());
      version = Objects.requireNonNullElse(version, Optional.empty());
      image = Objects.requireNonNullElse(image, Optional.empty());
    }
  }

  public Release {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(cause, "cause");
    Objects.requireNonNull(home, "home");
    restores = Objects.requireNonNullElse(restores, Optional.empty());
    builds = Collections.unmodifiableSortedMap(new TreeMap<>(builds));
  }

  /** A release with builds of a home. */
  public static Release of(String id, Instant at, Cause cause, String home, Map<String, Build> of) {
    return new Release(id, at, cause, Optional.empty(), home, new TreeMap<>(of));
  }

  /** Whether the other runs the same builds. */
  public boolean sameBuilds(Release other) {
    return home.equals(other.home) && builds.equals(other.builds);
  }

  /** The number of the build that the processes of an app are started from. */
  public Optional<Integer> runs(String app) {
    return Optional.ofNullable(builds.get(app)).filter(Build::runs).map(Build::number);
  }
}
