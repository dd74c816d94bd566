/** Spring Cloud Function, to compare with: a name arrives as a CloudEvent, a greeting leaves as one. */
package dev.koalja.benchmarks.peers.spring;
