/**
 * What people and the command line ask and order. Arrives: requests on the management port. Leaves:
 * JSON from definitions, Kafka and the journal index. Hands to: definition (apply, remove),
 * deadletter (retry, edit, delete).
 */
@NullMarked
package dev.koalja.gateway.control;

import org.jspecify.annotations.NullMarked;
