package dev.koalja.pipeline.definition;

import org.jspecify.annotations.Nullable;

/**
 * A record of the definition topic.
 *
 * @param key {@code <pipeline>/<revision>/<kind>/<name>}, or {@code <pipeline>/head}
 * @param value JSON, or null for a tombstone
 */
public record DefinitionRecord(String key, @Nullable String value) {}
