package dev.koalja.pipeline;

import java.util.Optional;

/**
 * One input of a task: the port at which events of a link arrive.
 *
 * @param name the port; for a function its parameter name
 * @param link the link that is read
 * @param from where to begin on a link never read before
 * @param type the type the task reads, when known
 */
public record Input(PortName name, LinkName link, StartPosition from, Optional<String> type) {}
