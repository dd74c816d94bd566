package dev.koalja.pipeline;

/**
 * Brings the outside world onto a link.
 *
 * @param name unique in its pipeline; part of the address it is reached at
 * @param link the link its events go to
 * @param kind how they come in
 */
public record Trigger(TriggerName name, LinkName link, TriggerKind kind) {}
