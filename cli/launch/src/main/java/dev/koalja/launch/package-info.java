/**
 * Starts Koalja's processes: the broker, the breadboard, the thin applications. Arrives: which one,
 * with which settings. Leaves: a process that said it is ready, its output in a log file. Hands to:
 * the command line and every test that needs a real process.
 */
@NullMarked
package dev.koalja.launch;

import org.jspecify.annotations.NullMarked;
