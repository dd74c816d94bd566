/**
 * Whether a function in trouble harms its neighbours. Arrives: a load that waits for nobody.
 * Leaves: rate and latency of the neighbour, phase by phase. Hands to: {@link
 * dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.isolation;

import org.jspecify.annotations.NullMarked;
