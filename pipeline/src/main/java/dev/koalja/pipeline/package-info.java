/**
 * The pipeline model: what a pipeline file says, as values. Arrives: a parsed file (see {@code
 * dev.koalja.pipeline.yaml}). Leaves: tasks, links, triggers and readers whose names are checked.
 * Hands to: the definition topic, from where gateway and router read it.
 */
@NullMarked
package dev.koalja.pipeline;

import org.jspecify.annotations.NullMarked;
