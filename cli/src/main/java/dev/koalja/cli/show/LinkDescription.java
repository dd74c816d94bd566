package dev.koalja.cli.show;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.schema.DataSchema;
import dev.koalja.pipeline.schema.SchemaText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who writes and who reads a link, and what its data looks like to each of them. */
public final class LinkDescription {
  private final Pipeline pipeline;
  private final Link link;
  private final List<Side> producers = new ArrayList<>();
  private final List<Side> consumers = new ArrayList<>();

  /**
   * One who writes or reads.
   *
   * @param name as people call it
   * @param app the app of a function
   * @param type what it calls the data
   * @param schema what it knows of the data
   * @param dataSchema what its events call that
   */
  private record Side(
      String name,
      Optional<String> app,
      Optional<String> type,
      Optional<DataSchema> schema,
      Optional<String> dataSchema) {
    String heading() {
      return name
          + app.map(each -> " (app " + each + ")").orElse("")
          + type.map(each -> " as " + each).orElse("");
    }
  }

  /** Describes a link of a pipeline. */
  public LinkDescription(Pipeline pipeline, Link link) {
    this.pipeline = pipeline;
    this.link = link;
    LinkName name = link.name();
    pipeline.triggers().stream()
        .filter(trigger -> trigger.link().equals(name))
        .forEach(
            trigger ->
                producers.add(
                    new Side(
                        "trigger " + trigger.name(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())));
    for (Task task : pipeline.tasks()) {
      task.outputs().stream()
          .filter(output -> output.link().equals(name))
          .forEach(
              output ->
                  producers.add(
                      new Side(
                          task.name() + "/" + output.name(),
                          app(task),
                          output.type(),
                          output.schema(),
                          dataSchema(task, output))));
      task.inputs().stream()
          .filter(input -> input.link().equals(name))
          .forEach(
              input ->
                  consumers.add(
                      new Side(
                          task.name() + "/" + input.name(),
                          app(task),
                          input.type(),
                          input.schema(),
                          Optional.empty())));
    }
  }

  /** As the runtime of a function sets it; of a container nothing is known. */
  private static Optional<String> dataSchema(Task task, Output output) {
    return app(task)
        .flatMap(
            app ->
                output
                    .schema()
                    .map(
                        schema ->
                            schema.uri(
                                output
                                    .type()
                                    .orElse(
                                        "%s.%s.%s".formatted(app, task.name(), output.name())))));
  }

  private static Optional<String> app(Task task) {
    return task.kind() instanceof TaskKind.Function function
        ? Optional.of(function.app().value())
        : Optional.empty();
  }

  /** For people: {@code ?} marks what may be absent or null. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("%s/%s".formatted(pipeline.name(), link.name()));
    sides(lines, "written by", producers);
    sides(lines, "read by", consumers);
    return lines;
  }

  private static void sides(List<String> lines, String heading, List<Side> sides) {
    lines.add(sides.isEmpty() ? heading + " nobody" : heading);
    for (Side side : sides) {
      lines.add("  " + side.heading());
      side.schema()
          .map(SchemaText::lines)
          .orElse(List.of("nothing is known of its data"))
          .forEach(line -> lines.add("    " + line));
    }
  }

  /** For programs. */
  public ObjectNode json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("pipeline", pipeline.name().value());
    json.put("link", link.name().value());
    json.set("producers", json(producers));
    json.set("consumers", json(consumers));
    return json;
  }

  private static ArrayNode json(List<Side> sides) {
    ArrayNode list = Json.MAPPER.createArrayNode();
    for (Side side : sides) {
      ObjectNode each = list.addObject();
      each.put("name", side.name());
      side.app().ifPresent(app -> each.put("app", app));
      side.type().ifPresent(type -> each.put("type", type));
      side.dataSchema().ifPresent(uri -> each.put("dataschema", uri));
      side.schema().ifPresent(schema -> each.set("schema", Json.MAPPER.valueToTree(schema.tree())));
    }
    return list;
  }
}
