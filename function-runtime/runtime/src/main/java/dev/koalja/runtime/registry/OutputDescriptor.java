package dev.koalja.runtime.registry;

/**
 * An output of a function.
 *
 * @param name the port
 * @param type the CloudEvents type of its events
 */
public record OutputDescriptor(String name, String type) {}
