package dev.koalja.runtime.registry;

/**
 * An output of a function.
 *
 * @param name the port
 * @param type the CloudEvents type of its events
 * @param javaType the Java type of their data, in Jackson's canonical form
 */
public record OutputDescriptor(String name, String type, String javaType) {}
