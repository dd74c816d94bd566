/**
 * The index behind trace, counts and dead letters. Arrives: journal records, dead letters,
 * quarantined records, in batches. Leaves: rows, each written once however often its record is
 * read. Hands to: control and deadletter, which ask.
 */
@NullMarked
package dev.koalja.gateway.journal;

import org.jspecify.annotations.NullMarked;
