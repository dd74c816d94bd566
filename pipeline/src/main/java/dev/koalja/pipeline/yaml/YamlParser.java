package dev.koalja.pipeline.yaml;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Reads YAML text into nodes with places; bounded in size, depth and aliases. */
final class YamlParser {
  static final int MAX_CHARACTERS = 4 * 1024 * 1024;
  private static final int MAX_DEPTH = 30;
  private static final int MAX_ALIASES = 50;
  private static final int MAX_NODES = 1_000_000;

  private final String file;
  private final Problems problems;
  private int nodes;

  private YamlParser(String file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /** The document, or empty when it is none; what is wrong is added to {@code problems}. */
  static Optional<YamlNode> parse(String file, String text, Problems problems) {
    return new YamlParser(file, problems).document(text);
  }

  private Optional<YamlNode> document(String text) {
    if (text.length() > MAX_CHARACTERS) {
      problem(1, 1, "the file is larger than 4 MiB");
      return Optional.empty();
    }
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(MAX_ALIASES);
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setCodePointLimit(MAX_CHARACTERS);
    try {
      Node root = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
      if (root == null) {
        problem(1, 1, "the file is empty");
        return Optional.empty();
      }
      return Optional.of(convert(root, 0));
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      String what = e.getProblem() == null ? "not YAML" : "not YAML: " + e.getProblem();
      problem(mark == null ? 1 : mark.getLine() + 1, mark == null ? 1 : mark.getColumn() + 1, what);
      return Optional.empty();
    } catch (YAMLException e) {
      problem(1, 1, "not YAML: " + e.getMessage());
      return Optional.empty();
    }
  }

  private void problem(int line, int column, String message) {
    problems.add(new Location(file, line, column), "", message);
  }

  private YamlNode convert(Node node, int depth) {
    Location location = locate(node);
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
      throw new YAMLException("more than " + MAX_NODES + " nodes, or nested too deep");
    }
    return switch (node) {
      case ScalarNode scalar ->
          new YamlNode.Scalar(scalar.getValue(), Tag.NULL.equals(scalar.getTag()), location);
      case SequenceNode sequence -> {
        List<YamlNode> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
          items.add(convert(item, depth + 1));
        }
        yield new YamlNode.Sequence(items, location);
      }
      case MappingNode mapping -> {
        Map<String, YamlNode.Field> fields = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
          if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
            problems.add(locate(tuple.getKeyNode()), "", "a key must be plain text");
            continue;
          }
          YamlNode.Field field =
              new YamlNode.Field(locate(key), convert(tuple.getValueNode(), depth + 1));
          if (fields.put(key.getValue(), field) != null) {
            problems.add(locate(key), "", "\"" + key.getValue() + "\" stands here twice");
          }
        }
        yield new YamlNode.Mapping(fields, location);
      }
      default -> throw new YAMLException("unknown node " + node.getNodeId());
    };
  }

  private Location locate(Node node) {
    Mark mark = node.getStartMark();
    return new Location(file, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
