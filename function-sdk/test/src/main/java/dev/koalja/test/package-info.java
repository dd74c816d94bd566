/**
 * Tests of functions and of whole circuits. Arrives: events a test sends. Leaves: what came of them
 * as results, on links, as dead letters, in waiting snapshots and in the journal. Hands to: the
 * test's assertions.
 */
@NullMarked
package dev.koalja.test;

import org.jspecify.annotations.NullMarked;
