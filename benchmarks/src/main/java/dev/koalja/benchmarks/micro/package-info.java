/**
 * What single steps of the router cost, without Kafka: assembly, filters, offset tracking. Arrives:
 * made-up events. Leaves: time and memory of each step. Hands to: {@link
 * dev.koalja.benchmarks.Report}.
 */
@NullMarked
package dev.koalja.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
