/**
 * The way to a running circuit. Arrives: what a command asks. Leaves: answers of the control API as
 * JSON, or the reason there are none. Hands to: the gateway's control API over HTTP.
 */
@NullMarked
package dev.koalja.cli.control;

import org.jspecify.annotations.NullMarked;
