/** Quarkus with CDI and Jackson only, and the JDK's HTTP server, to compare with: a name arrives as a CloudEvent, a greeting leaves as one. */
package dev.koalja.benchmarks.peers.cdi;
