package dev.koalja.cli.revision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the circuit says is in force, and was. */
public final class InForce {
  private InForce() {}

  /**
   * Every pipeline, by name.
   *
   * @throws CliException when the circuit does not answer
   */
  public static Map<String, Definition> all(ControlClient control) {
    Map<String, Definition> all = new TreeMap<>();
    for (JsonNode each : control.get("/api/pipelines")) {
      all.put(each.path("name").asText(), definition(each));
    }
    return all;
  }

  /**
   * One pipeline; empty when none has that name.
   *
   * @throws CliException when the circuit does not answer
   */
  static Optional<Definition> of(ControlClient control, String pipeline) {
    return Optional.ofNullable(all(control).get(pipeline));
  }

  /**
   * The last revisions of a pipeline, the latest first.
   *
   * @throws CliException when the circuit does not answer, or has no such pipeline
   */
  public static List<Definition> revisions(ControlClient control, String pipeline) {
    List<Definition> revisions = new ArrayList<>();
    for (JsonNode each :
        control.get("/api/pipelines/" + ControlClient.encode(pipeline) + "/revisions")) {
      revisions.add(definition(each));
    }
    return revisions;
  }

  private static Definition definition(JsonNode json) {
    try {
      Optional<Release> release =
          json.hasNonNull("release")
              ? Optional.of(Json.MAPPER.treeToValue(json.path("release"), Release.class))
              : Optional.empty();
      return new Definition(
          // a file of JSON is one of YAML, too; and what is in force was found right once
          PipelineReader.readAccepted(
              new PipelineReader.Source(
                  json.path("name").asText() + " in force", json.path("pipeline").toString())),
          json.path("revision").asLong(),
          release);
    } catch (JsonProcessingException e) {
      throw new CliException(
          Exit.BUG, "the circuit sent a revision that is none: " + e.getMessage(), List.of());
    }
  }
}
