/**
 * How long an event takes to its result under a load that does not wait for answers. Arrives: a
 * rate. Leaves: distributions of latency. Hands to: {@link dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.latency;

import org.jspecify.annotations.NullMarked;
