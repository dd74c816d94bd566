/**
 * The last step of a request. Arrives: admitted events. Leaves: records that Kafka acknowledged, in
 * order. Hands to: the link's readers in the event router, and the answer to the sender.
 */
@NullMarked
package dev.koalja.gateway.link;

import org.jspecify.annotations.NullMarked;
