package dev.koalja.cli.reload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is in force, as this run knows it: what it applied, and what the circuit said where an
 * attempt to apply left that open. Not safe for threads.
 */
final class InForce {
  private final Map<String, Definition> definitions = new TreeMap<>();
  private final Set<String> doubtful = new TreeSet<>();

  /** It is in force now. */
  void put(Definition definition) {
    String name = definition.pipeline().name().value();
    definitions.put(name, definition);
    doubtful.remove(name);
  }

  /** What is in force of a pipeline, as far as is known. */
  Optional<Definition> of(String pipeline) {
    return Optional.ofNullable(definitions.get(pipeline));
  }

  /** All that is in force, as far as is known. */
  Collection<Definition> all() {
    return definitions.values();
  }

  /** Whether this says anything else than what is in force. */
  boolean changes(Pipeline pipeline) {
    return of(pipeline.name().value())
        .filter(definition -> PipelineWriter.same(definition.pipeline(), pipeline))
        .isEmpty();
  }

  /** Whether this is another wiring than the one in force, whatever the data looks like. */
  boolean rewires(Pipeline pipeline) {
    Pipeline wires = pipeline.withoutSchemas();
    return of(pipeline.name().value())
        .filter(definition -> PipelineWriter.same(definition.pipeline().withoutSchemas(), wires))
        .isEmpty();
  }

  /** Nobody could say whether the last attempt came into force. */
  void doubt(String pipeline) {
    doubtful.add(pipeline);
  }

  /**
   * Asks for what is in doubt.
   *
   * @throws dev.koalja.cli.CliException when the circuit does not answer
   */
  void makeSure(ControlClient control) {
    for (String name : Set.copyOf(doubtful)) {
      read(control, name).ifPresent(this::put);
      doubtful.remove(name);
    }
  }

  /**
   * What the circuit says is in force; empty when no pipeline has that name.
   *
   * @throws dev.koalja.cli.CliException when it does not answer
   */
  static Optional<Definition> read(ControlClient control, String pipeline) {
    for (JsonNode each : control.get("/api/pipelines")) {
      if (each.path("name").asText().equals(pipeline)) {
        // a file of JSON is one of YAML, too
        String file = each.path("pipeline").toString();
        return Optional.of(
            new Definition(
                PipelineReader.read(new PipelineReader.Source(pipeline + " in force", file)),
                each.path("revision").asLong()));
      }
    }
    return Optional.empty();
  }
}
