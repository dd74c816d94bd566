package dev.koalja.router.snapshot;

/**
 * What one partition may keep in memory. A state that is larger still works on; it only takes no
 * more arrivals.
 *
 * @param maxKeys keys with something waiting; a key counts once for each of its windows of time
 * @param maxBytes of waiting events, with what it costs to hold them
 */
public record Limits(int maxKeys, long maxBytes) {}
