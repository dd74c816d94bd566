/**
 * What measurements with a broker share: a backlog that becomes visible at one moment, the counting
 * of what came of it, the bare loop to compare with, processor time. Hands to: the measurements.
 */
@NullMarked
package dev.koalja.benchmarks.kafka;

import org.jspecify.annotations.NullMarked;
