/**
 * How fast two links are joined by key, what the keys that wait take, and how soon they are there
 * again after a kill. Arrives: events of which each waits for its counterpart. Leaves: rate, size
 * and time by number of open keys. Hands to: {@link dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.joins;

import org.jspecify.annotations.NullMarked;
