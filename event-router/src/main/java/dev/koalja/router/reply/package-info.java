/**
 * Makes results durable. Arrives: finished invocations. Leaves: results, journal and positions in
 * one Kafka transaction. Hands to: the next link.
 */
@NullMarked
package dev.koalja.router.reply;

import org.jspecify.annotations.NullMarked;
