package dev.koalja.pipeline.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads and writes schemas as JSON Schema 2020-12. */
final class SchemaJson {
  private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
  private static final String DEFINITION = "#/$defs/";

  /** With one of these beside it, the type alone says too much. */
  private static final List<String> COMPOSED =
      List.of("allOf", "anyOf", "oneOf", "not", "if", "const", "$dynamicRef", "$recursiveRef");

  private static final Set<String> TYPES =
      Set.of("null", "boolean", "object", "array", "number", "string", "integer");

  private SchemaJson() {}

  static String text(DataSchema schema) {
    try {
      // what is in a pipeline file has to be printable
      return Json.MAPPER
          .writer()
          .with(JsonWriteFeature.ESCAPE_NON_ASCII)
          .writeValueAsString(tree(schema));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of text are always JSON", e);
    }
  }

  static Map<String, Object> tree(DataSchema schema) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("$schema", DIALECT);
    map.putAll(tree(schema.root()));
    if (!schema.definitions().isEmpty()) {
      Map<String, Object> definitions = new LinkedHashMap<>();
      schema.definitions().forEach((name, shape) -> definitions.put(name, tree(shape)));
      map.put("$defs", definitions);
    }
    return map;
  }

  private static Map<String, Object> tree(Shape shape) {
    Map<String, Object> map = new LinkedHashMap<>();
    switch (shape) {
      case Shape.Anything _ -> {}
      case Shape.Text(var format) -> {
        map.put("type", "string");
        format.ifPresent(each -> map.put("format", each));
      }
      case Shape.Choice(var words) -> map.put("enum", words);
      case Shape.Decimal _ -> map.put("type", "number");
      case Shape.Whole _ -> map.put("type", "integer");
      case Shape.Truth _ -> map.put("type", "boolean");
      case Shape.Items(var element) -> {
        map.put("type", "array");
        map.put("items", tree(element));
      }
      case Shape.Entries(var value) -> {
        map.put("type", "object");
        map.put("additionalProperties", tree(value));
      }
      case Shape.Fields(var fields) -> {
        map.put("type", "object");
        Map<String, Object> properties = new LinkedHashMap<>();
        fields.forEach((name, field) -> properties.put(name, tree(field.shape())));
        map.put("properties", properties);
        List<String> required =
            fields.entrySet().stream()
                .filter(each -> each.getValue().required())
                .map(Map.Entry::getKey)
                .toList();
        if (!required.isEmpty()) {
          map.put("required", required);
        }
      }
      case Shape.Named(var name) -> map.put("$ref", DEFINITION + escaped(name));
      case Shape.OrNull(var inner) -> map.putAll(orNull(inner));
    }
    return map;
  }

  private static Map<String, Object> orNull(Shape inner) {
    Map<String, Object> map = tree(inner);
    switch (inner) {
      case Shape.Choice(var words) -> {
        List<@Nullable Object> values = new ArrayList<>(words);
        values.add(null);
        map.put("enum", values);
      }
      case Shape.Named _ -> {
        return new LinkedHashMap<>(Map.of("anyOf", List.of(map, Map.of("type", "null"))));
      }
      default -> map.put("type", List.of(String.valueOf(map.get("type")), "null"));
    }
    return map;
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  static DataSchema parse(String text) {
    try {
      return read(
          Json.MAPPER.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(text));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("schema is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  static DataSchema read(JsonNode json) {
    int size = json.toString().getBytes(StandardCharsets.UTF_8).length;
    if (size > DataSchema.MAX_BYTES) {
      throw new IllegalArgumentException(
          "schema is %d bytes, more than %d".formatted(size, DataSchema.MAX_BYTES));
    }
    Shape root = shape(json, "#", 0);
    SortedMap<String, Shape> definitions = new TreeMap<>();
    JsonNode defined = json.path("$defs");
    if (!defined.isMissingNode()) {
      object(defined, "#/$defs");
      defined
          .properties()
          .forEach(
              each ->
                  definitions.put(
                      each.getKey(),
                      shape(each.getValue(), DEFINITION + escaped(each.getKey()), 1)));
    }
    return new DataSchema(root, definitions);
  }

  private static Shape shape(JsonNode json, String place, int depth) {
    if (depth > DataSchema.MAX_DEPTH) {
      throw wrong(place, "is deeper than %d levels".formatted(DataSchema.MAX_DEPTH));
    }
    if (json.isBoolean()) {
      return Shape.ANYTHING;
    }
    object(json, place);
    Optional<Shape> nullable = namedOrNull(json, place, depth);
    if (nullable.isPresent()) {
      return nullable.get();
    }
    if (COMPOSED.stream().anyMatch(json::has)) {
      return Shape.ANYTHING;
    }
    if (json.has("$ref")) {
      return reference(json.get("$ref"), place);
    }
    if (json.has("enum")) {
      return choice(json.get("enum"), place);
    }
    return typed(json, place, depth);
  }

  /** {@code anyOf} of one shape and null, which is how a named shape may be null. */
  private static Optional<Shape> namedOrNull(JsonNode json, String place, int depth) {
    JsonNode either = json.path("anyOf");
    if (either.size() != 2 || !either.get(1).path("type").asText().equals("null")) {
      return Optional.empty();
    }
    return Optional.of(Shape.orNull(shape(either.get(0), place + "/anyOf/0", depth + 1)));
  }

  private static Shape reference(JsonNode reference, String place) {
    String text = reference.asText();
    if (!reference.isTextual()) {
      throw wrong(place + "/$ref", "must be text");
    }
    if (!text.startsWith(DEFINITION)) {
      // the root, another file or another address: not looked up
      return Shape.ANYTHING;
    }
    String name = text.substring(DEFINITION.length());
    return name.contains("/")
        ? Shape.ANYTHING
        : new Shape.Named(name.replace("~1", "/").replace("~0", "~"));
  }

  private static Shape choice(JsonNode values, String place) {
    if (!values.isArray() || values.isEmpty()) {
      throw wrong(place + "/enum", "must be a list with at least one value");
    }
    List<String> words = new ArrayList<>();
    boolean nullable = false;
    for (JsonNode value : values) {
      if (value.isNull()) {
        nullable = true;
      } else if (value.isTextual()) {
        words.add(value.asText());
      } else {
        return Shape.ANYTHING;
      }
    }
    if (words.isEmpty()) {
      return Shape.ANYTHING;
    }
    Shape choice = new Shape.Choice(words.stream().distinct().toList());
    return nullable ? Shape.orNull(choice) : choice;
  }

  private static Shape typed(JsonNode json, String place, int depth) {
    JsonNode type = json.path("type");
    if (type.isMissingNode()) {
      return Shape.ANYTHING;
    }
    Set<String> types = new HashSet<>();
    for (JsonNode each : type.isArray() ? type : List.of(type)) {
      if (!each.isTextual() || !TYPES.contains(each.asText())) {
        throw wrong(place + "/type", "is %s, which is no type of JSON Schema".formatted(each));
      }
      types.add(each.asText());
    }
    boolean nullable = types.remove("null");
    if (types.contains("number")) {
      types.remove("integer");
    }
    if (types.size() != 1) {
      return Shape.ANYTHING;
    }
    Shape shape =
        switch (types.iterator().next()) {
          case "string" ->
              new Shape.Text(
                  json.path("format").isTextual()
                      ? Optional.of(json.get("format").asText())
                      : Optional.empty());
          case "number" -> Shape.NUMBER;
          case "integer" -> Shape.INTEGER;
          case "boolean" -> Shape.BOOLEAN;
          case "array" ->
              new Shape.Items(
                  json.has("items") && !json.has("prefixItems")
                      ? shape(json.get("items"), place + "/items", depth + 1)
                      : Shape.ANYTHING);
          default -> members(json, place, depth);
        };
    return nullable ? Shape.orNull(shape) : shape;
  }

  private static Shape members(JsonNode json, String place, int depth) {
    if (!json.has("properties") && !json.has("required")) {
      return json.has("additionalProperties") && !json.has("patternProperties")
          ? new Shape.Entries(
              shape(json.get("additionalProperties"), place + "/additionalProperties", depth + 1))
          : new Shape.Entries(Shape.ANYTHING);
    }
    Map<String, Shape> shapes = new LinkedHashMap<>();
    JsonNode properties = json.path("properties");
    if (!properties.isMissingNode()) {
      object(properties, place + "/properties");
      properties
          .properties()
          .forEach(
              each ->
                  shapes.put(
                      each.getKey(),
                      shape(
                          each.getValue(),
                          place + "/properties/" + escaped(each.getKey()),
                          depth + 1)));
    }
    Set<String> required = required(json.path("required"), place);
    Map<String, Shape.Field> fields = new LinkedHashMap<>();
    // a name that is only required is a field of which nothing else is known
    Stream.concat(shapes.keySet().stream(), required.stream().sorted())
        .distinct()
        .forEach(
            name ->
                fields.put(
                    name,
                    new Shape.Field(
                        shapes.getOrDefault(name, Shape.ANYTHING), required.contains(name))));
    return new Shape.Fields(fields);
  }

  private static Set<String> required(JsonNode list, String place) {
    if (list.isMissingNode()) {
      return Collections.emptySet();
    }
    Set<String> names = new HashSet<>();
    if (!list.isArray()) {
      throw wrong(place + "/required", "must be a list of names");
    }
    for (JsonNode each : list) {
      if (!each.isTextual()) {
        throw wrong(place + "/required", "must be a list of names");
      }
      names.add(each.asText());
    }
    return names;
  }

  private static void object(JsonNode json, String place) {
    if (!json.isObject()) {
      throw wrong(place, "must be an object");
    }
  }

  private static IllegalArgumentException wrong(String place, String reason) {
    return new IllegalArgumentException("schema %s %s".formatted(place, reason));
  }
}
