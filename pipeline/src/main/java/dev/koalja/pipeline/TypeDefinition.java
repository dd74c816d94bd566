package dev.koalja.pipeline;

/**
 * A named type of event data.
 *
 * @param name as inputs, outputs and links quote it
 * @param schema a JSON Schema file, relative to the pipeline file
 */
public record TypeDefinition(String name, String schema) {}
