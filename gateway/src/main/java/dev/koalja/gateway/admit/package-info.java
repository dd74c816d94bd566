/**
 * Decides where events may go. Arrives: events and the name of a link or trigger. Leaves: events
 * that say where they came from, for a link that is in force. Hands to: link.
 */
@NullMarked
package dev.koalja.gateway.admit;

import org.jspecify.annotations.NullMarked;
