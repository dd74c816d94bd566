/**
 * Whether anything grows that should not. Arrives: the mixed load of a day, in minutes. Leaves:
 * memory, threads, files and bytes at the end of each hour. Hands to: {@link
 * dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.day;

import org.jspecify.annotations.NullMarked;
