package dev.koalja.router.snapshot;

import org.jspecify.annotations.Nullable;

/**
 * A change of the state, for a compacted topic: the last record of each key is the state.
 *
 * @param key what changed
 * @param value what it is now; null when it is no more
 */
public record StateRecord(byte[] key, byte @Nullable [] value) {}
