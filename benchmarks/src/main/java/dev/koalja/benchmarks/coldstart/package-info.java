/**
 * How long a function at zero takes to answer. Arrives: the built subjects. Leaves: time, memory
 * and processor time of each start. Hands to: {@link dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.coldstart;

import org.jspecify.annotations.NullMarked;
