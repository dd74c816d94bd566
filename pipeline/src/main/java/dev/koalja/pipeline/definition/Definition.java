package dev.koalja.pipeline.definition;

import dev.koalja.pipeline.Pipeline;

/**
 * A pipeline as it is in force.
 *
 * @param pipeline what it says
 * @param revision counts from 1, one up with every change
 */
public record Definition(Pipeline pipeline, long revision) {}
