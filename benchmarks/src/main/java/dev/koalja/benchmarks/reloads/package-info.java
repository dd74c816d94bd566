/**
 * What it costs to change code and wiring while events go on. Arrives: saves of a source file.
 * Leaves: how long each took to be in use, and the audit of every event sent meanwhile. Hands to:
 * {@link dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.reloads;

import org.jspecify.annotations.NullMarked;
