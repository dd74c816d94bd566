package dev.koalja.pipeline.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Puts revisions together again from the records of the definition topic, in their order. Only a
 * head whose elements are all there becomes a change. Not thread-safe.
 */
public final class DefinitionAssembler {
  private final Map<String, TreeMap<Long, Map<String, String>>> elements = new HashMap<>();
  private final Map<String, Definition> current = new HashMap<>();

  /** What a record changed. */
  public sealed interface Change {
    /** A new revision is in force. */
    record Applied(Definition definition) implements Change {}

    /** The pipeline is no more. */
    record Removed(String pipeline) implements Change {}

    /** A head that cannot be followed; the last good revision stays in force. */
    record Unreadable(String pipeline, String reason) implements Change {}
  }

  /** Takes one record. */
  public Optional<Change> accept(DefinitionRecord record) {
    String[] key = record.key().split("/", 4);
    if (key.length == 2 && key[1].equals("head")) {
      return Optional.of(head(key[0], record.value()));
    }
    if (key.length == 4) {
      try {
        long revision = Long.parseLong(key[1]);
        TreeMap<Long, Map<String, String>> revisions =
            elements.computeIfAbsent(key[0], _ -> new TreeMap<>());
        Map<String, String> parts = revisions.computeIfAbsent(revision, _ -> new TreeMap<>());
        if (record.value() == null) {
          parts.remove(key[2] + "/" + key[3]);
        } else {
          parts.put(key[2] + "/" + key[3], record.value());
        }
        return Optional.empty();
      } catch (NumberFormatException _) {
        // not one of ours: said below
      }
    }
    return Optional.of(
        new Change.Unreadable(key[0], "unknown record key \"" + record.key() + "\""));
  }

  /** The revision in force of each pipeline. */
  public Map<String, Definition> current() {
    return Map.copyOf(current);
  }

  private Change head(String pipeline, @org.jspecify.annotations.Nullable String value) {
    if (value == null) {
      current.remove(pipeline);
      return new Change.Removed(pipeline);
    }
    try {
      JsonNode head = Json.MAPPER.readTree(value);
      long revision = head.path("revision").asLong();
      int count = head.path("elements").asInt(-1);
      Map<String, String> parts =
          elements.getOrDefault(pipeline, new TreeMap<>()).getOrDefault(revision, Map.of());
      if (parts.size() != count) {
        return new Change.Unreadable(
            pipeline,
            "revision %d has %d of its %d elements".formatted(revision, parts.size(), count));
      }
      Definition definition = definition(pipeline, revision, parts);
      current.put(pipeline, definition);
      elements.getOrDefault(pipeline, new TreeMap<>()).headMap(revision).clear();
      return new Change.Applied(definition);
    } catch (JsonProcessingException | InvalidPipelineException e) {
      return new Change.Unreadable(pipeline, "head or element unreadable: " + e.getMessage());
    }
  }

  /**
   * A revision from its elements.
   *
   * @param elements all of them, by kind and name as in {@code task/price}
   * @throws InvalidPipelineException when they are no pipeline
   */
  public static Definition definition(
      String pipeline, long revision, Map<String, String> elements) {
    return new Definition(assemble(pipeline, elements), revision, release(elements));
  }

  /** Nobody has to know it to follow the wiring: one of a later version is passed over. */
  private static Optional<Release> release(Map<String, String> elements) {
    for (Map.Entry<String, String> each : elements.entrySet()) {
      if (each.getKey().startsWith(DefinitionCodec.RELEASE + "/")) {
        try {
          return Optional.of(Json.MAPPER.readValue(each.getValue(), Release.class));
        } catch (JsonProcessingException _) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static Pipeline assemble(String pipeline, Map<String, String> parts) {
    StringBuilder json = new StringBuilder();
    json.append("{\"apiVersion\":\"").append(PipelineReader.API_VERSION);
    json.append("\",\"kind\":\"Pipeline\",\"metadata\":{\"name\":\"").append(pipeline);
    json.append("\"},\"spec\":{");
    String separator = "";
    for (String kind : List.of("trigger", "task", "link", "type")) {
      List<String> values =
          parts.entrySet().stream()
              .filter(part -> part.getKey().startsWith(kind + "/"))
              .map(Map.Entry::getValue)
              .toList();
      json.append(separator).append('"').append(kind).append("s\":[");
      json.append(String.join(",", values)).append(']');
      separator = ",";
    }
    // JSON is YAML: the file's own reader checks it again
    return PipelineReader.readAccepted(
        new PipelineReader.Source("definition of " + pipeline, json.append("}}").toString()));
  }
}
