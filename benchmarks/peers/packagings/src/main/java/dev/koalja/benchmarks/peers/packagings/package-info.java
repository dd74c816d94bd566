/** One function whose app is packaged in several ways. */
package dev.koalja.benchmarks.peers.packagings;
