package dev.koalja.pipeline.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * The schema that editors use, and of which {@code docs/reference.md} is made, says what the reader
 * does: its keys, bounds, words and defaults are asked of the reader, one after the other.
 */
class PipelineSchemaTest {
  /** Has every object that a pipeline file may have. */
  private static final String FILE =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: shop}
      spec:
        triggers:
        - {name: pushes, link: order, webhook: {scheme: github, secretRef: pushes}}
        - {name: files, link: order, bucket: {url: "s3://files"}}
        tasks:
        - name: price
          function: {app: shop, scale: {}}
          inputs: [{name: order, link: order, filters: [{data: {pointer: /total, atLeast: 1}}]}]
          outputs: [{name: result, link: priced}]
          delivery: {backoff: {}}
        - name: store
          container: {image: "registry.example/store:1.4", scale: {}}
          inputs: [{name: priced, link: priced}]
          delivery: {batch: {}}
        - name: large
          filter: [{exact: {type: large}}]
          inputs: [{name: priced, link: priced}]
          outputs: [{name: result, link: larger}]
        - name: ship
          function: {app: shop}
          inputs: [{name: priced, link: priced}, {name: paid, link: paid}]
          snapshot: {timeout: {after: 1h}}
        - name: match
          function: {app: shop}
          inputs: [{name: priced, link: priced}, {name: paid, link: paid}]
          snapshot: {correlate: {attribute: subject}, window: {size: 1h}}
        links: [{name: order}]
        types: [{name: Order, schema: order.json}]
      """;

  /** No value of any key; each shows bounds of some. */
  private static final List<String> NONSENSE = List.of("Nonsense!", "99999d", "99999GiB");

  private static final Pattern KEYS = Pattern.compile("\\((?:known:|one of) ([^)]*)\\)");
  private static final Pattern BOUNDS =
      Pattern.compile("(?:from|outside) (\\S+ to \\S+?)(?: and .*)?$");
  private static final Pattern DOCUMENTED_BOUNDS = Pattern.compile("; (\\S+ to \\S+)\\.$");

  private static JsonNode schema;

  private final ObjectNode file = Json.MAPPER.valueToTree(new Yaml().load(FILE));

  @BeforeAll
  static void load() throws IOException {
    try (InputStream in = Pipeline.class.getResourceAsStream("pipeline.schema.json")) {
      schema = Json.MAPPER.readTree(in);
    }
  }

  /** An object of the file and what the schema says of it. */
  private record Place(String pointer, String name, JsonNode schema) {}

  @Test
  void shouldHaveTheKeysTheReaderHas() {
    for (Place place : places()) {
      Set<String> documented = new TreeSet<>(properties(place.schema()).keySet());
      ObjectNode more = file.deepCopy();
      ((ObjectNode) more.at(place.pointer())).put("nonsense", "1");
      ObjectNode other = file.deepCopy();
      ((ObjectNode) other.at(place.pointer())).removeAll().put("nonsense", "1");
      // a filter has one key, so only another one is asked for; a condition has its pointer besides
      documented.remove(place.name().equals("data") ? "pointer" : "");

      Set<String> known =
          Stream.of(more, other)
              .flatMap(each -> messages(each, "").stream())
              .filter(message -> message.contains("\"nonsense\""))
              .map(KEYS::matcher)
              .filter(Matcher::find)
              .flatMap(found -> Stream.of(found.group(1).split(", ")))
              .collect(Collectors.toCollection(TreeSet::new));

      assertThat(known).as(place.pointer()).isEqualTo(documented);
    }
  }

  @Test
  void shouldHaveTheBoundsAndWordsTheReaderHas() {
    for (Place place : places()) {
      properties(place.schema())
          .forEach(
              (key, value) -> {
                if (!isValue(value) || place.name().equals("data")) {
                  return;
                }
                String at = place.pointer() + "/" + key;
                List<String> refusals = new ArrayList<>();
                for (String nonsense : NONSENSE) {
                  ObjectNode wrong = file.deepCopy();
                  ObjectNode object = (ObjectNode) wrong.at(place.pointer());
                  if (value.path("type").asText().equals("array")) {
                    object.putArray(key).add(nonsense);
                  } else {
                    object.put(key, nonsense);
                  }
                  refusals.addAll(messages(wrong, key));
                }
                assertThat(found(BOUNDS, refusals)).as(at).isEqualTo(bounds(value));
                assertThat(found(KEYS, refusals)).as(at).isEqualTo(words(value));
                assertThat(refusals.stream().anyMatch(each -> each.contains("true nor false")))
                    .as(at)
                    .isEqualTo(value.path("type").asText().equals("boolean"));
                assertThat(refusals.stream().anyMatch(each -> each.contains("at most 63")))
                    .as(at)
                    .isEqualTo(value.path("pattern").asText().contains("{0,61}[a-z0-9])?$"));
              });
    }
  }

  @Test
  void shouldHaveTheDefaultsTheReaderHas() {
    int defaults = 0;
    for (Place place : places()) {
      Set<String> required = new HashSet<>();
      place.schema().path("required").forEach(each -> required.add(each.asText()));
      for (var property : properties(place.schema()).entrySet()) {
        String at = place.pointer() + "/" + property.getKey();
        JsonNode preset = property.getValue().path("default");
        if (preset.isMissingNode()) {
          boolean open =
              required.contains(property.getKey())
                  || property.getValue().path("const").isTextual()
                  || Set.of("data", "filter").contains(place.name());
          String type = property.getValue().path("type").asText();
          boolean tells =
              property.getValue().has("enum") || Set.of("integer", "boolean").contains(type);
          assertThat(open || !tells).as("%s needs a default", at).isTrue();
          continue;
        }
        ObjectNode without = file.deepCopy();
        ((ObjectNode) without.at(place.pointer())).remove(property.getKey());
        ObjectNode with = file.deepCopy();
        ((ObjectNode) with.at(place.pointer())).set(property.getKey(), preset);
        assertThat(read(with)).as(at).isEqualTo(read(without));
        defaults++;
      }
    }
    assertThat(defaults).isGreaterThan(30);
  }

  @Test
  void shouldSayOfEveryKeyWhatItIsFor() {
    for (Place place : places()) {
      properties(place.schema())
          .forEach(
              (key, value) ->
                  assertThat(value.path("description").asText())
                      .as(place.pointer() + "/" + key)
                      .matches("[A-Z].*\\."));
    }
  }

  private static Pipeline read(JsonNode tree) {
    return PipelineReader.read(new PipelineReader.Source("pipeline.yaml", tree.toString()));
  }

  /** What the reader says of a key, or of everything. */
  private static List<String> messages(JsonNode tree, String key) {
    try {
      read(tree);
      return List.of();
    } catch (InvalidPipelineException e) {
      return e.problems().stream()
          .filter(problem -> problem.path().endsWith(key))
          .map(Problem::message)
          .toList();
    }
  }

  private static Optional<String> found(Pattern pattern, List<String> messages) {
    return messages.stream()
        .map(pattern::matcher)
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .findFirst();
  }

  private static Optional<String> bounds(JsonNode value) {
    if (value.has("minimum")) {
      return Optional.of(value.path("minimum").asText() + " to " + value.path("maximum").asText());
    }
    return found(DOCUMENTED_BOUNDS, List.of(value.path("description").asText()));
  }

  private static Optional<String> words(JsonNode value) {
    JsonNode words = value.has("enum") ? value.path("enum") : value.at("/items/enum");
    List<String> texts = new ArrayList<>();
    words.forEach(each -> texts.add(each.asText()));
    return texts.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", texts));
  }

  /** No object, and no list of them. */
  private static boolean isValue(JsonNode value) {
    return properties(value).isEmpty()
        && !value.has("additionalProperties")
        && properties(resolved(value.path("items"))).isEmpty()
        && !value.has("const");
  }

  /** Every object of the schema, at the first place in the file where there is one. */
  private List<Place> places() {
    List<Place> places = new ArrayList<>();
    collect("", "file", file, schema, places);
    Set<JsonNode> objects = new HashSet<>();
    objects(schema, objects);
    assertThat(objects)
        .allSatisfy(
            object ->
                assertThat(places)
                    .as("the file has such an object")
                    .anyMatch(
                        place ->
                            properties(place.schema())
                                .entrySet()
                                .containsAll(properties(object).entrySet())));
    return places;
  }

  private void collect(
      String pointer, String name, JsonNode node, JsonNode unresolved, List<Place> places) {
    JsonNode value = resolved(unresolved);
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(pointer + "/" + i, name, node.get(i), value.path("items"), places);
      }
    } else if (node.isObject()) {
      Map<String, JsonNode> properties = properties(value);
      boolean first =
          places.stream().noneMatch(each -> properties(each.schema()).equals(properties));
      if (first && !properties.isEmpty()) {
        places.add(new Place(pointer, name, value));
      }
      node.properties()
          .forEach(
              each -> {
                JsonNode next = value.path("properties").path(each.getKey());
                collect(
                    pointer + "/" + each.getKey(), each.getKey(), each.getValue(), next, places);
              });
    }
  }

  private static void objects(JsonNode node, Set<JsonNode> objects) {
    if (node.path("properties").isObject()) {
      objects.add(node);
    }
    node.forEach(each -> objects(each, objects));
  }

  /** What a reference names, and what is said besides. */
  private static JsonNode resolved(JsonNode value) {
    if (!value.has("$ref")) {
      return value;
    }
    ObjectNode whole = schema.at(value.path("$ref").asText().substring(1)).deepCopy();
    value.properties().forEach(each -> whole.set(each.getKey(), each.getValue()));
    whole.remove("$ref");
    return whole;
  }

  /** The keys of an object, those of alternatives included. */
  private static Map<String, JsonNode> properties(JsonNode value) {
    Map<String, JsonNode> properties = new HashMap<>();
    value
        .path("properties")
        .properties()
        .forEach(each -> properties.put(each.getKey(), resolved(each.getValue())));
    value.path("oneOf").forEach(each -> properties.putAll(properties(each)));
    return properties;
  }
}
