package dev.koalja.pipeline.yaml;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lays one document over another: mappings field by field, lists of named elements name by name,
 * everything else replaced. So a hand-written file adds to an inferred one or overrides it, and
 * every part keeps the place it came from.
 */
final class YamlMerge {
  private YamlMerge() {}

  static YamlNode merge(YamlNode base, YamlNode over) {
    return switch (base) {
      case YamlNode.Mapping below when over instanceof YamlNode.Mapping above ->
          mappings(below, above);
      case YamlNode.Sequence below
          when over instanceof YamlNode.Sequence above && named(below) && named(above) ->
          sequences(below, above);
      case YamlNode.Mapping _, YamlNode.Sequence _, YamlNode.Scalar _ -> over;
    };
  }

  private static YamlNode mappings(YamlNode.Mapping base, YamlNode.Mapping over) {
    Map<String, YamlNode.Field> fields = new LinkedHashMap<>(base.fields());
    over.fields()
        .forEach(
            (key, field) ->
                fields.merge(
                    key,
                    field,
                    (below, above) ->
                        new YamlNode.Field(
                            above.keyLocation(), merge(below.value(), above.value()))));
    return new YamlNode.Mapping(fields, over.location());
  }

  private static YamlNode sequences(YamlNode.Sequence base, YamlNode.Sequence over) {
    Map<String, YamlNode> first = new LinkedHashMap<>();
    Set<String> given = new HashSet<>();
    // a name given twice in one file stays twice, for the check to find
    List<YamlNode> added = new ArrayList<>();
    for (YamlNode item : base.items()) {
      if (first.putIfAbsent(name(item), item) != null) {
        added.add(item);
      }
    }
    for (YamlNode item : over.items()) {
      if (given.add(name(item)) && first.containsKey(name(item))) {
        first.compute(name(item), (_, below) -> below == null ? item : merge(below, item));
      } else {
        added.add(item);
      }
    }
    List<YamlNode> items = new ArrayList<>(first.values());
    items.addAll(added);
    return new YamlNode.Sequence(items, over.location());
  }

  private static boolean named(YamlNode.Sequence sequence) {
    return sequence.items().stream().noneMatch(item -> name(item).isEmpty());
  }

  private static String name(YamlNode node) {
    return node instanceof YamlNode.Mapping mapping
            && mapping.fields().get("name") instanceof YamlNode.Field field
            && field.value() instanceof YamlNode.Scalar scalar
        ? scalar.text()
        : "";
  }
}
