/**
 * How many events a second pass one function, exactly once. Arrives: a backlog on an input topic.
 * Leaves: the rate at which its results became visible. Hands to: {@link
 * dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.throughput;

import org.jspecify.annotations.NullMarked;
