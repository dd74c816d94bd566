package dev.koalja.pipeline.yaml;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A parsed YAML document whose every part knows where it stands. */
sealed interface YamlNode {
  Location location();

  /** The same as plain maps, lists and texts. */
  default Object tree() {
    return switch (this) {
      case Scalar scalar -> scalar.text();
      case Sequence sequence -> sequence.items().stream().map(YamlNode::tree).toList();
      case Mapping mapping -> {
        Map<String, Object> map = new LinkedHashMap<>();
        mapping.fields().forEach((key, field) -> map.put(key, field.value().tree()));
        yield map;
      }
    };
  }

  /** Text, number or boolean as written; {@code null} as the empty text. */
  record Scalar(String text, boolean isNull, Location location) implements YamlNode {}

  /** A list. */
  record Sequence(List<YamlNode> items, Location location) implements YamlNode {}

  /** A mapping with its keys in the order of the file. */
  record Mapping(Map<String, Field> fields, Location location) implements YamlNode {
    public Mapping {
      fields = new LinkedHashMap<>(fields);
    }
  }

  /** A key and its value. */
  record Field(Location keyLocation, YamlNode value) {}
}
