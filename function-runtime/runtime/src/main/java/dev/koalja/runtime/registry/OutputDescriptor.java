package dev.koalja.runtime.registry;

/**
 * An output of a function.
 *
 * @param name the port
 * @param type the CloudEvents type of its events
 * @param javaType the Java type of their data, in Jackson's canonical form
 * @param contentType what their data is written as; empty: what goes with the value
 * @param dataSchema the URI of what their data looks like as JSON; empty: nothing is known of it
 * @param attributed whether values may be an {@code Event}, with attributes of its own
 */
public record OutputDescriptor(
    String name,
    String type,
    String javaType,
    String contentType,
    String dataSchema,
    boolean attributed) {}
