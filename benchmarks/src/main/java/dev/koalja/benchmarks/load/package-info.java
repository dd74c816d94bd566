/**
 * The sending side of measurements: requests over connections that are kept, at times that are
 * fixed. Arrives: what is to be sent. Leaves: answers. Hands to: the measurements.
 */
@NullMarked
package dev.koalja.benchmarks.load;

import org.jspecify.annotations.NullMarked;
