package dev.koalja.router.snapshot;

import dev.koalja.pipeline.PortName;
import java.time.Instant;

/**
 * An event that reached a task.
 *
 * @param key events of the same key belong together; empty where nothing is correlated
 * @param input the input it counts for: where inputs are merged, the one they are merged into
 * @param offset its place in the partition of arrivals: the order, decided once and for ever
 * @param arrived when it was appended to the arrivals
 * @param eventTime when it happened, as the event says
 * @param event the event as structured JSON; not to be changed
 */
public record Arrival(
    String key, PortName input, long offset, Instant arrived, Instant eventTime, byte[] event) {}
