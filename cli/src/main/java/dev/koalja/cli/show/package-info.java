/**
 * How things look on a terminal and in a pipe. Arrives: values and answers of the control API.
 * Leaves: lines for people. Hands to: standard output.
 */
@NullMarked
package dev.koalja.cli.show;

import org.jspecify.annotations.NullMarked;
