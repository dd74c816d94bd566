/**
 * The functions that benchmarks call. Arrives: text. Leaves: the greeting that {@code
 * examples/hello} would answer, so that one audit fits all.
 */
@NullMarked
package dev.koalja.benchmarks.circuit;

import org.jspecify.annotations.NullMarked;
