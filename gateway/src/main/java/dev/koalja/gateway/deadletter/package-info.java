/**
 * Events that ended without success. Arrives: what stands on dead-letter and quarantine topics, and
 * what somebody wants done with it. Leaves: the event on its reader's retry topic and a note in the
 * journal, in one transaction. Hands to: the reader in the event router.
 */
@NullMarked
package dev.koalja.gateway.deadletter;

import org.jspecify.annotations.NullMarked;
