package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The part of {@code docs/reference.md} on the pipeline file, made of its JSON schema, which the
 * build compares with the reader.
 */
final class PipelineFileReference {
  private static final String PLACE =
      "../pipeline/src/main/resources/dev/koalja/pipeline/pipeline.schema.json";
  private static final Pattern BOUNDS = Pattern.compile("; (\\S+ to \\S+)\\.$");

  /** What has a table of its own, by name of its definition. */
  private static final Map<String, String> SECTIONS = new LinkedHashMap<>();

  static {
    SECTIONS.put("trigger", "Triggers");
    SECTIONS.put("task", "Tasks");
    SECTIONS.put("link", "Links");
    SECTIONS.put("type", "Types");
    SECTIONS.put("scale", "Scale");
    SECTIONS.put("correlation", "Correlation");
    SECTIONS.put("filter", "Filters");
  }

  private final JsonNode schema;

  PipelineFileReference() throws IOException {
    try (InputStream in = Pipeline.class.getResourceAsStream("pipeline.schema.json")) {
      schema = Json.MAPPER.readTree(in);
    }
  }

  String text() {
    StringBuilder page =
        new StringBuilder(
            """

            ## Pipeline file

            The build writes it; a `pipeline.yaml` of yours adds to it or overrides. For editors there is
            [a JSON schema](%s).
            Names are lower-case letters, digits and dashes, at most 63, first a letter, last no dash. A duration
            is a number and `ms`, `s`, `m`, `h` or `d`; a size a number and `KiB`, `MiB` or `GiB`.
            """
                .formatted(PLACE));
    table(page, schema);
    SECTIONS.forEach(
        (name, title) -> {
          JsonNode value = schema.at("/$defs/" + name);
          page.append("\n### %s\n\n%s\n".formatted(title, value.path("description").asText()));
          table(page, value);
        });
    return page.toString();
  }

  private void table(StringBuilder page, JsonNode object) {
    page.append("\n| key | | type | default | bounds |\n|---|---|---|---|---|\n");
    rows(page, "", object);
  }

  private void rows(StringBuilder page, String prefix, JsonNode object) {
    List<String> required = texts(object.path("required"));
    List<String> kinds = new ArrayList<>();
    object.path("oneOf").forEach(each -> kinds.addAll(texts(each.path("required"))));
    for (var property : properties(object).entrySet()) {
      String name = prefix + property.getKey();
      JsonNode value = resolved(property.getValue());
      String preset =
          required.contains(property.getKey())
              ? "required"
              : kinds.contains(property.getKey())
                  ? "one of " + coded(kinds)
                  : preset(value.path("default"));
      ReferenceTest.row(
          page,
          ReferenceTest.code(name),
          BOUNDS.matcher(value.path("description").asText()).replaceFirst("."),
          type(value),
          preset,
          bounds(value).orElse(""));
      if (section(property.getValue()).isEmpty()) {
        rows(page, name + ".", value);
        if (section(value.path("items")).isEmpty()) {
          rows(page, name + "[].", value.path("items"));
        }
      }
    }
  }

  /** The keys of an object, those of its alternatives included. */
  private static Map<String, JsonNode> properties(JsonNode object) {
    Map<String, JsonNode> properties = new LinkedHashMap<>();
    object
        .path("properties")
        .properties()
        .forEach(each -> properties.put(each.getKey(), each.getValue()));
    object.path("oneOf").forEach(each -> properties.putAll(properties(each)));
    return properties;
  }

  private String type(JsonNode value) {
    JsonNode items = value.path("items");
    if (value.has("const")) {
      return ReferenceTest.code(value.path("const").asText());
    }
    if (value.has("enum")) {
      return coded(texts(value.path("enum")));
    }
    if (items.has("enum")) {
      return "list of " + coded(texts(items.path("enum")));
    }
    return switch (definition(value)) {
      case "name" -> "name";
      case "secret" -> "name";
      case "duration" -> "duration";
      case "length" -> "number";
      case "wanted" -> "text, number, `true`, `false`";
      case "number" -> "number";
      case "attributes" -> "attributes and texts";
      case "correlation" -> "`key`, `none` or " + link("correlation");
      case "scale", "filter" -> link(definition(value));
      default ->
          section(items).isPresent()
              ? "list of " + link(section(items).get())
              : switch (value.path("type").asText()) {
                case "integer" -> "number";
                case "boolean" -> "`true`, `false`";
                case "string" -> "text";
                case "array" -> "list";
                case "object" -> "object";
                default -> "size";
              };
    };
  }

  private static String link(String section) {
    String title = SECTIONS.getOrDefault(section, section);
    return "[%s](#%s)".formatted(section, title.toLowerCase(java.util.Locale.ROOT));
  }

  /** Which table shows it. */
  private static Optional<String> section(JsonNode value) {
    return Optional.of(definition(value)).filter(SECTIONS::containsKey);
  }

  private static String definition(JsonNode value) {
    return value.path("$ref").asText().replaceFirst("^#/\\$defs/", "");
  }

  private JsonNode resolved(JsonNode value) {
    if (!value.has("$ref")) {
      return value;
    }
    ObjectNode whole = schema.at("/$defs/" + definition(value)).deepCopy();
    value.properties().forEach(each -> whole.set(each.getKey(), each.getValue()));
    return whole;
  }

  private static Optional<String> bounds(JsonNode value) {
    Matcher described = BOUNDS.matcher(value.path("description").asText());
    if (described.find()) {
      return Optional.of(described.group(1));
    }
    if (value.has("minimum")) {
      return Optional.of("%s to %s".formatted(value.path("minimum"), value.path("maximum")));
    }
    return value.has("maxLength")
        ? Optional.of(value.path("maxLength") + " characters")
        : Optional.empty();
  }

  private static String preset(JsonNode preset) {
    return preset.isMissingNode()
        ? ""
        : preset.isArray() ? coded(texts(preset)) : ReferenceTest.code(preset.asText());
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private static String coded(List<String> words) {
    return words.stream().map(ReferenceTest::code).collect(Collectors.joining(", "));
  }
}
