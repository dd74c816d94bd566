/**
 * The breadboard: gateway, router and local serving in one process, everything a circuit needs on
 * one machine beside Kafka. Arrives: its configuration. Hands to: {@code dev.koalja.gateway} and
 * {@code dev.koalja.router}.
 */
@NullMarked
package dev.koalja.breadboard;

import org.jspecify.annotations.NullMarked;
