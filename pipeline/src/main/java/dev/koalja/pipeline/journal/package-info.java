/**
 * The journal: one durable record per invocation, written in the transaction of its outputs.
 * Arrives: what the router knows when an invocation ends. Hands to: the journal index behind {@code
 * trace}.
 */
@NullMarked
package dev.koalja.pipeline.journal;

import org.jspecify.annotations.NullMarked;
