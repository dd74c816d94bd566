/**
 * What is kept of events that could not be processed. Arrives: a failed delivery or an unreadable
 * record. Leaves: a dead letter or a quarantined record. Hands to: {@code reply}.
 */
@NullMarked
package dev.koalja.router.deadletter;

import org.jspecify.annotations.NullMarked;
