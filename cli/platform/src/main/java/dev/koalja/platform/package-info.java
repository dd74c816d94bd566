/**
 * Broker, gateway and routers as on a cluster, a process each, for what has to see them from
 * outside: crash tests, soak, benchmarks.
 */
@NullMarked
package dev.koalja.platform;

import org.jspecify.annotations.NullMarked;
