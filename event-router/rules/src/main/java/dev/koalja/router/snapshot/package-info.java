/**
 * Puts events together to snapshots. Nothing here reads a clock, a topic or a file: the same
 * arrivals and ticks give the same steps.
 */
@NullMarked
package dev.koalja.router.snapshot;

import org.jspecify.annotations.NullMarked;
