/**
 * What the outside may know of the process: life cycle and counters. Arrives: every beginning and
 * ending. Leaves: probes and Prometheus text. Hands to: whoever watches.
 */
@NullMarked
package dev.koalja.runtime.health;

import org.jspecify.annotations.NullMarked;
