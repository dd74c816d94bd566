package dev.koalja.pipeline.yaml;

import dev.koalja.pipeline.error.Suggestion;
import dev.koalja.pipeline.event.Rfc3339;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * A mapping being read: hands out typed fields, notes a problem for each that is missing, wrong or
 * out of range, and at {@link #close()} for each that nobody asked for.
 */
final class YamlObject implements AutoCloseable {
  /** As many elements as a pipeline may have in all. */
  static final int MAX_ITEMS = 10_000;

  private final YamlNode.Mapping node;
  private final String path;
  private final Problems problems;
  private final Set<String> known = new LinkedHashSet<>();

  YamlObject(YamlNode.Mapping node, String path, Problems problems) {
    this.node = node;
    this.path = path;
    this.problems = problems;
  }

  Location location() {
    return node.location();
  }

  Location location(String field) {
    YamlNode.Field found = node.fields().get(field);
    return found == null ? node.location() : found.value().location();
  }

  boolean has(String field) {
    known.add(field);
    return node.fields().containsKey(field);
  }

  void problem(String field, String message) {
    problems.add(location(field), join(field), message);
  }

  String join(String field) {
    return path.isEmpty() ? field : path + "." + field;
  }

  Optional<String> text(String field) {
    known.add(field);
    YamlNode.Field found = node.fields().get(field);
    return switch (found == null ? null : found.value()) {
      case null -> Optional.empty();
      case YamlNode.Scalar scalar when scalar.isNull() || scalar.text().isBlank() -> {
        problem(field, "is empty");
        yield Optional.empty();
      }
      // what is accepted here is written again as JSON and read as YAML, which has no such text
      case YamlNode.Scalar scalar when !printable(scalar.text()) -> {
        problem(field, "has a control character");
        yield Optional.empty();
      }
      case YamlNode.Scalar scalar -> Optional.of(scalar.text());
      case YamlNode.Mapping _, YamlNode.Sequence _ -> {
        problem(field, "must be a single value");
        yield Optional.empty();
      }
    };
  }

  private static boolean printable(String text) {
    return text.chars().noneMatch(Character::isISOControl) && StreamReader.isPrintable(text);
  }

  Optional<String> required(String field) {
    if (!has(field)) {
      problems.add(node.location(), path, "\"" + field + "\" is missing");
      return Optional.empty();
    }
    return text(field);
  }

  /** A field whose text a constructor turns into a value, or says why not. */
  <T> Optional<T> value(String field, Function<String, T> parse) {
    return text(field).flatMap(text -> parsed(field, () -> parse.apply(text)));
  }

  <T> Optional<T> requiredValue(String field, Function<String, T> parse) {
    return required(field).flatMap(text -> parsed(field, () -> parse.apply(text)));
  }

  private <T> Optional<T> parsed(String field, Supplier<T> parse) {
    try {
      return Optional.of(parse.get());
    } catch (IllegalArgumentException e) {
      problem(field, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  int number(String field, int fallback, int min, int max) {
    return value(
            field,
            text -> {
              try {
                int number = Integer.parseInt(text);
                if (number >= min && number <= max) {
                  return number;
                }
              } catch (NumberFormatException _) {
                // falls through to the message that names the range
              }
              throw new IllegalArgumentException(
                  "\"%s\" is no whole number from %d to %d".formatted(text, min, max));
            })
        .orElse(fallback);
  }

  Duration duration(String field, Duration fallback, Duration min, Duration max) {
    return value(
            field,
            text -> {
              Duration duration = Durations.parse(text);
              if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
                throw new IllegalArgumentException(
                    "\"%s\" is outside %s to %s"
                        .formatted(text, Durations.format(min), Durations.format(max)));
              }
              return duration;
            })
        .orElse(fallback);
  }

  /** A duration that need not be there. */
  Optional<Duration> duration(String field, Duration min, Duration max) {
    return has(field) ? Optional.of(duration(field, min, min, max)) : Optional.empty();
  }

  long size(String field, long fallback, long min, long max) {
    return value(
            field,
            text -> {
              long size = Sizes.parse(text);
              if (size < min || size > max) {
                throw new IllegalArgumentException(
                    "\"%s\" is outside %s to %s"
                        .formatted(text, Sizes.format(min), Sizes.format(max)));
              }
              return size;
            })
        .orElse(fallback);
  }

  boolean flag(String field, boolean fallback) {
    return value(
            field,
            text ->
                switch (text) {
                  case "true" -> true;
                  case "false" -> false;
                  default ->
                      throw new IllegalArgumentException(
                          "\"" + text + "\" is neither true nor false");
                })
        .orElse(fallback);
  }

  <E extends Enum<E>> E choice(String field, Class<E> type, E fallback) {
    return value(field, text -> choose(type, text)).orElse(fallback);
  }

  static <E extends Enum<E>> E choose(Class<E> type, String text) {
    List<String> words =
        Arrays.stream(type.getEnumConstants())
            .map(each -> each.name().toLowerCase(Locale.ROOT))
            .toList();
    int index = words.indexOf(text);
    if (index < 0) {
      throw new IllegalArgumentException(
          "\"%s\" is unknown%s (one of %s)"
              .formatted(text, Suggestion.didYouMean(text, words), String.join(", ", words)));
    }
    return type.getEnumConstants()[index];
  }

  static Instant instant(String text) {
    try {
      return Rfc3339.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "\"%s\" is neither earliest, latest nor a time such as 2026-11-22T10:00:00Z"
              .formatted(text),
          e);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "\"%s\" is outside the years 0000 to 9999".formatted(text), e);
    }
  }

  /** Whether a field holds a mapping; so that it may be a word or a mapping. */
  boolean isMapping(String field) {
    return node.fields().get(field) instanceof YamlNode.Field found
        && found.value() instanceof YamlNode.Mapping;
  }

  /** The items of a list as plain maps, lists and texts, for a reader of its own. */
  List<Object> trees(String field) {
    return items(field).stream().map(YamlNode::tree).toList();
  }

  Optional<YamlObject> object(String field) {
    known.add(field);
    YamlNode.Field found = node.fields().get(field);
    return switch (found == null ? null : found.value()) {
      case null -> Optional.empty();
      case YamlNode.Mapping mapping -> Optional.of(new YamlObject(mapping, join(field), problems));
      case YamlNode.Scalar _, YamlNode.Sequence _ -> {
        problem(field, "must be a mapping of fields");
        yield Optional.empty();
      }
    };
  }

  /** The mappings of a list, each with its name (or number) in its path. */
  List<YamlObject> objects(String field) {
    List<YamlObject> objects = new ArrayList<>();
    List<YamlNode> items = items(field);
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof YamlNode.Mapping mapping) {
        String name =
            mapping.fields().get("name") instanceof YamlNode.Field named
                    && named.value() instanceof YamlNode.Scalar scalar
                ? scalar.text()
                : String.valueOf(i);
        objects.add(new YamlObject(mapping, join(field) + "." + name, problems));
      } else {
        problems.add(items.get(i).location(), join(field), "must be a mapping of fields");
      }
    }
    return objects;
  }

  /** How many elements the list has, before any of them is read. */
  int size(String field) {
    return has(field)
            && node.fields().get(field) instanceof YamlNode.Field found
            && found.value() instanceof YamlNode.Sequence sequence
        ? sequence.items().size()
        : 0;
  }

  /** Whether the field is a list with nothing in it. */
  boolean hasEmptyList(String field) {
    return has(field)
        && node.fields().get(field) instanceof YamlNode.Field found
        && found.value() instanceof YamlNode.Sequence sequence
        && sequence.items().isEmpty();
  }

  List<String> texts(String field) {
    return items(field).stream()
        .<String>mapMulti(
            (item, sink) -> {
              if (item instanceof YamlNode.Scalar scalar) {
                sink.accept(scalar.text());
              } else {
                problems.add(item.location(), join(field), "must be a single value");
              }
            })
        .toList();
  }

  private List<YamlNode> items(String field) {
    known.add(field);
    YamlNode.Field found = node.fields().get(field);
    return switch (found == null ? null : found.value()) {
      case null -> List.of();
      case YamlNode.Sequence(var items, _) when items.size() > MAX_ITEMS -> {
        problem(field, "has more than %d elements".formatted(MAX_ITEMS));
        yield List.of();
      }
      case YamlNode.Sequence sequence -> sequence.items();
      case YamlNode.Mapping _, YamlNode.Scalar _ -> {
        problem(field, "must be a list");
        yield List.of();
      }
    };
  }

  /** Notes every field that was never asked for. */
  @Override
  public void close() {
    Set<String> unknown = new LinkedHashSet<>(node.fields().keySet());
    unknown.removeAll(known);
    for (String field : unknown) {
      YamlNode.Field found = node.fields().get(field);
      problems.add(
          found == null ? node.location() : found.keyLocation(),
          path,
          "unknown field \"%s\"%s (known: %s)"
              .formatted(
                  field,
                  Suggestion.didYouMean(field, known),
                  known.stream().sorted().collect(Collectors.joining(", "))));
    }
  }
}
