/**
 * Brings the outside world onto links. Arrives: HTTP requests with CloudEvents, webhooks, bucket
 * notifications. Leaves: records that Kafka has acknowledged, and only then an answer. Hands to:
 * the links, and so the event router.
 */
@NullMarked
package dev.koalja.gateway;

import org.jspecify.annotations.NullMarked;
