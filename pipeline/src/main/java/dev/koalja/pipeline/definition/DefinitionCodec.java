package dev.koalja.pipeline.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Takes a revision apart into records: elements in the shape of the pipeline file, the head last.
 * All of them belong in one Kafka transaction.
 */
public final class DefinitionCodec {
  /** The kind of the record that says which code belongs to a revision. */
  static final String RELEASE = "release";

  private DefinitionCodec() {}

  /**
   * The records of a revision, in the order to append them.
   *
   * @throws KoaljaException {@code invalid-pipeline} when nobody could read the records again
   */
  public static List<DefinitionRecord> encode(Definition definition) {
    Pipeline pipeline = definition.pipeline();
    String prefix = pipeline.name() + "/" + definition.revision() + "/";
    List<DefinitionRecord> records = new ArrayList<>();
    pipeline
        .triggers()
        .forEach(
            each ->
                records.add(
                    element(prefix + "trigger/" + each.name(), PipelineWriter.trigger(each))));
    pipeline
        .tasks()
        .forEach(
            each ->
                records.add(element(prefix + "task/" + each.name(), PipelineWriter.task(each))));
    pipeline.links().stream()
        .filter(Link::declared)
        .forEach(
            each ->
                records.add(element(prefix + "link/" + each.name(), PipelineWriter.link(each))));
    pipeline
        .types()
        .forEach(
            each ->
                records.add(element(prefix + "type/" + each.name(), PipelineWriter.type(each))));
    definition
        .release()
        .ifPresent(each -> records.add(element(prefix + RELEASE + "/" + each.id(), each)));
    records.add(
        element(
            headKey(pipeline.name().value()),
            Map.of("revision", definition.revision(), "elements", records.size())));
    requireReadable(records);
    return records;
  }

  /** A head that nobody can follow would leave the last revision in force, and nobody told. */
  private static void requireReadable(List<DefinitionRecord> records) {
    DefinitionAssembler reader = new DefinitionAssembler();
    for (DefinitionRecord record : records) {
      if (reader.accept(record).orElse(null)
          instanceof DefinitionAssembler.Change.Unreadable(var pipeline, var reason)) {
        throw new KoaljaException(
            ErrorCode.INVALID_PIPELINE,
            "%s could not be read back once it is stored: %s".formatted(pipeline, reason));
      }
    }
  }

  /** The tombstone that ends a pipeline: its elements stay readable until they are compacted. */
  public static DefinitionRecord removal(String pipeline) {
    return new DefinitionRecord(headKey(pipeline), null);
  }

  static String headKey(String pipeline) {
    return pipeline + "/head";
  }

  private static DefinitionRecord element(String key, Object tree) {
    try {
      return new DefinitionRecord(key, Json.MAPPER.writeValueAsString(tree));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records, maps, text and numbers are always JSON", e);
    }
  }
}
