/**
 * Measurements of Koalja beside its peers, interleaved in one run. Arrives: the name of a
 * measurement. Leaves: a table and JSON with medians, quartiles and ratios. Hands to: people who
 * compare.
 */
@NullMarked
package dev.koalja.benchmarks;

import org.jspecify.annotations.NullMarked;
