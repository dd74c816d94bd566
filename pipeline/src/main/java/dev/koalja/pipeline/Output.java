package dev.koalja.pipeline;

import dev.koalja.pipeline.schema.DataSchema;
import java.util.Optional;

/**
 * One output of a task.
 *
 * @param name the port, which a reply names in {@code koaljaoutput}
 * @param link the link that is written
 * @param type the type the task writes, when known
 * @param schema what data of that type looks like, when known
 */
public record Output(
    PortName name, LinkName link, Optional<String> type, Optional<DataSchema> schema) {

  /** An output of which no schema is known. */
  public Output(PortName name, LinkName link, Optional<String> type) {
    this(name, link, type, Optional.empty());
  }

  Output withoutSchema() {
    return new Output(name, link, type);
  }
}
