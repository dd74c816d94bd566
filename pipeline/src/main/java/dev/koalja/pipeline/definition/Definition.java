package dev.koalja.pipeline.definition;

import dev.koalja.pipeline.Pipeline;
import java.util.Optional;

/**
 * A pipeline as it is in force.
 *
 * @param pipeline what it says
 * @param revision counts from 1, one up with every change
 * @param release which code came with it; empty when it was applied without
 */
public record Definition(Pipeline pipeline, long revision, Optional<Release> release) {
  /** Without a word about the code. */
  public Definition(Pipeline pipeline, long revision) {
    this(pipeline, revision, Optional.empty());
  }
}
