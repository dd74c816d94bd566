/**
 * HTTP servers with the same greeter behind each. As a function may block, it is always called on a
 * virtual thread, also by servers that have an event loop.
 */
package dev.koalja.benchmarks.peers.servers;
