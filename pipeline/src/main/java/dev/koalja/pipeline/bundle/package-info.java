/**
 * Several requests to a function in one, and their answers in one: what router and our function
 * runtime agree on to spend less on each event ({@code PROTOCOL.md}, section "Bundles").
 */
@NullMarked
package dev.koalja.pipeline.bundle;

import org.jspecify.annotations.NullMarked;
