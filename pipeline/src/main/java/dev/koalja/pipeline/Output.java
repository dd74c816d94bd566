package dev.koalja.pipeline;

import java.util.Optional;

/**
 * One output of a task.
 *
 * @param name the port, which a reply names in {@code koaljaoutput}
 * @param link the link that is written
 * @param type the type the task writes, when known
 */
public record Output(PortName name, LinkName link, Optional<String> type) {}
