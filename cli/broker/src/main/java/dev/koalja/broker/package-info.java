/**
 * A real Apache Kafka broker in a process of its own. Arrives: a data folder and a port. Leaves: a
 * broker that listens on loopback and keeps its data between runs. Hands to: gateway and event
 * router, as Kafka clients.
 */
@NullMarked
package dev.koalja.broker;

import org.jspecify.annotations.NullMarked;
