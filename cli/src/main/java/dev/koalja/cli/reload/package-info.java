/**
 * Changes code and wiring of a circuit while it runs. Arrives: a file that was saved. Leaves: the
 * next revision in force, or what is wrong, with the last one going on. Hands to: the control API.
 */
@NullMarked
package dev.koalja.cli.reload;

import org.jspecify.annotations.NullMarked;
