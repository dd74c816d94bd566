package dev.koalja.router.snapshot;

import dev.koalja.pipeline.PortName;
import java.time.Instant;

/**
 * An event in its place.
 *
 * @param input the input it counts for
 * @param offset its place in the partition of arrivals
 * @param arrived when it was appended to the arrivals
 * @param event the event as structured JSON; not to be changed
 */
public record Slot(PortName input, long offset, Instant arrived, byte[] event) {}
