package dev.koalja.gateway.admit;

import dev.koalja.pipeline.event.TraceParent;
import io.cloudevents.CloudEvent;

/**
 * An event that may go on a link.
 *
 * @param event with its origin written into it
 * @param span the span that appends it
 */
public record Admitted(CloudEvent event, TraceParent span) {}
