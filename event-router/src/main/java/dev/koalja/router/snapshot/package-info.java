/**
 * Puts events together to snapshots. Arrives: the events of one partition of a task's arrivals, in
 * their order, and the time. Leaves: firings, refusals, and changes of the state, to be written in
 * one transaction. Hands to: the reader of the arrivals, which does that. Nothing here reads a
 * clock, a topic or a file: the same arrivals and ticks give the same steps.
 */
@NullMarked
package dev.koalja.router.snapshot;

import org.jspecify.annotations.NullMarked;
