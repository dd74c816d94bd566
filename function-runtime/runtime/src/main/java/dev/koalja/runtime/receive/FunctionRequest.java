package dev.koalja.runtime.receive;

import dev.koalja.pipeline.event.InvocationId;
import io.cloudevents.CloudEvent;
import java.time.Instant;
import java.util.Optional;

/**
 * What a caller asks for.
 *
 * @param event the event for the function
 * @param invocation the same for every attempt at the same event
 * @param attempt which attempt this is, from 1
 * @param deadline when the caller stops waiting, if it said so
 * @param traceparent the W3C trace context of this attempt, if there is one
 */
public record FunctionRequest(
    CloudEvent event,
    InvocationId invocation,
    int attempt,
    Optional<Instant> deadline,
    Optional<String> traceparent) {}
