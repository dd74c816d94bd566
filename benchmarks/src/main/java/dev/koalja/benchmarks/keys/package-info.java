/**
 * What order per key brings over the order of a whole partition. Arrives: events of many keys in
 * one partition. Leaves: how fast a slow function gets through them. Hands to: {@link
 * dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.keys;

import org.jspecify.annotations.NullMarked;
