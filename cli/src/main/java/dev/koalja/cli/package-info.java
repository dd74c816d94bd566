/**
 * The command {@code koalja}, one class per command. Arrives: words of a command line. Leaves:
 * lines on a terminal and an exit status. Hands to: the control API of a running circuit.
 */
@NullMarked
package dev.koalja.cli;

import org.jspecify.annotations.NullMarked;
