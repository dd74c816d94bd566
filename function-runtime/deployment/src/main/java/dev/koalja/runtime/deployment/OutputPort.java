package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.schema.DataSchema;
import java.util.List;
import java.util.Optional;
import org.jboss.jandex.Type;

/**
 * An output of a function.
 *
 * @param name the port
 * @param component the component of the record when there are several outputs; else empty
 * @param link the link that is written
 * @param eventType the CloudEvents type the author chose, if any
 * @param declared what the method or the component is declared to be
 * @param element the type of one event's data, out of the list or optional, and of the event
 * @param key where the key stands, if the element has one
 * @param contentType what the data is written as; empty: what goes with the value
 * @param attributed whether values may be an {@code Event}, with attributes of its own
 * @param attributes what else its events have, later ones over earlier ones
 * @param schema what the data looks like, when that is known
 */
record OutputPort(
    PortName name,
    String component,
    LinkName link,
    Optional<String> eventType,
    Type declared,
    Type element,
    Optional<KeyAccess> key,
    String contentType,
    boolean attributed,
    List<AttributePort> attributes,
    Optional<DataSchema> schema) {
  OutputPort {
    attributes = List.copyOf(attributes);
  }

  /** The same with a schema. */
  OutputPort withSchema(Optional<DataSchema> known) {
    return new OutputPort(
        name,
        component,
        link,
        eventType,
        declared,
        element,
        key,
        contentType,
        attributed,
        attributes,
        known);
  }
}
