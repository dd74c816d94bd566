/**
 * What tasks cost that have nothing to do. Arrives: circuits of 10 to 1,000 tasks. Leaves: memory,
 * threads, processor time, start-up, and how a few busy ones fare among them. Hands to: {@link
 * dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.scale;

import org.jspecify.annotations.NullMarked;
