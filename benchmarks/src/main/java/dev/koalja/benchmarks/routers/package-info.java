/**
 * What it costs when routers come and go. Arrives: a steady load on one link. Leaves: the highest
 * latency around each change, beside that of members of a plain consumer group. Hands to: {@link
 * dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.routers;

import org.jspecify.annotations.NullMarked;
