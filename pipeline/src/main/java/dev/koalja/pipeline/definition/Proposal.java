package dev.koalja.pipeline.definition;

import java.util.Objects;
import java.util.Optional;

/**
 * A revision that somebody wants in force, as the control API takes it.
 *
 * @param pipeline the pipeline file
 * @param after the revision it was made for, 0 for none: if another is in force by now, the
 *     proposal is refused; empty: whatever is in force
 * @param release which code comes with it
 */
public record Proposal(String pipeline, Optional<Long> after, Optional<Release> release) {
  /** As JSON; a bare pipeline file may be applied, too, and has another type. */
  public static final String MEDIA_TYPE = "application/vnd.koalja.proposal+json";

  public Proposal {
    Objects.requireNonNull(pipeline, "pipeline");
    after = Objects.requireNonNullElse(after, Optional.empty());
    release = Objects.requireNonNullElse(release, Optional.empty());
  }

  /** A pipeline file and nothing more. */
  public static Proposal of(String pipeline) {
    return new Proposal(pipeline, Optional.empty(), Optional.empty());
  }
}
