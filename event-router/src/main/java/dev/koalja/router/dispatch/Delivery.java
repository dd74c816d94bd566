package dev.koalja.router.dispatch;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.TraceParent;
import io.cloudevents.CloudEvent;
import java.time.Instant;
import java.util.Optional;

/**
 * An event on its way to the task of a reader.
 *
 * @param reader who reads it
 * @param revision the revision of the pipeline in force
 * @param event what it is
 * @param topic where it stands
 * @param partition where it stands
 * @param offset where it stands
 * @param appended the record's timestamp
 * @param key the record key, which decides its order
 * @param size bytes of the record
 * @param invocation the invocation it causes
 * @param trace the invocation's span, a child of the one that produced the record
 */
public record Delivery(
    Reader reader,
    long revision,
    CloudEvent event,
    String topic,
    int partition,
    long offset,
    Instant appended,
    Optional<String> key,
    int size,
    InvocationId invocation,
    TraceParent trace) {}
