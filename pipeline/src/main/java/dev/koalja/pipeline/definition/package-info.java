/**
 * How a pipeline travels on the definition topic: one record per element, a head record last.
 * Arrives: a pipeline and its revision. Leaves: records; and from records, complete revisions only.
 * Hands to: gateway (triggers) and event router (readers).
 */
@NullMarked
package dev.koalja.pipeline.definition;

import org.jspecify.annotations.NullMarked;
