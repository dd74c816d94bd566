package dev.koalja.pipeline.schema;

import dev.koalja.pipeline.schema.Shape.Anything;
import dev.koalja.pipeline.schema.Shape.Choice;
import dev.koalja.pipeline.schema.Shape.Decimal;
import dev.koalja.pipeline.schema.Shape.Entries;
import dev.koalja.pipeline.schema.Shape.Fields;
import dev.koalja.pipeline.schema.Shape.Items;
import dev.koalja.pipeline.schema.Shape.Named;
import dev.koalja.pipeline.schema.Shape.OrNull;
import dev.koalja.pipeline.schema.Shape.Text;
import dev.koalja.pipeline.schema.Shape.Truth;
import dev.koalja.pipeline.schema.Shape.Whole;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Says in few words what a schema says. */
public final class SchemaText {
  private static final int MAX_LINES = 200;

  private SchemaText() {}

  /** What a value is, in one or two words. */
  static String kind(Shape shape) {
    return switch (shape) {
      case Anything _ -> "anything";
      case Text(var format) -> format.map(each -> "text (" + each + ")").orElse("text");
      case Choice(var words) -> "one of " + String.join(", ", words.stream().limit(5).toList());
      case Decimal _ -> "a number";
      case Whole _ -> "an integer";
      case Truth _ -> "true or false";
      case Items _ -> "a list";
      case Entries _ -> "a map";
      case Fields _ -> "an object";
      case Named(var name) -> name;
      case OrNull(var inner) -> kind(inner);
    };
  }

  /**
   * The schema in a short form: a line for each field, its fields below it. {@code ?} marks what
   * may be absent or null.
   */
  public static List<String> lines(DataSchema schema) {
    List<String> lines = new ArrayList<>();
    Shape root = Shape.withoutNull(schema.resolve(schema.root()));
    if (!(root instanceof Fields)) {
      lines.add(type(root));
    }
    fields(lines, "", root);
    schema
        .definitions()
        .forEach(
            (name, shape) -> {
              if (!(Shape.withoutNull(schema.root()) instanceof Named(var top)
                  && top.equals(name))) {
                lines.add(name + ": " + type(shape));
                fields(lines, "  ", shape);
              }
            });
    return lines.size() > MAX_LINES
        ? List.copyOf(
            Stream.concat(
                    lines.stream().limit(MAX_LINES),
                    Stream.of("… %d more".formatted(lines.size() - MAX_LINES)))
                .toList())
        : List.copyOf(lines);
  }

  private static void fields(List<String> lines, String indent, Shape shape) {
    switch (shape) {
      case Fields(var fields) ->
          fields.forEach(
              (name, field) -> {
                boolean optional = !field.required() || field.shape() instanceof OrNull;
                lines.add(
                    indent
                        + name
                        + (optional ? "?" : "")
                        + ": "
                        + type(Shape.withoutNull(field.shape())));
                fields(lines, indent + "  ", field.shape());
              });
      case Items(var element) -> fields(lines, indent, element);
      case Entries(var value) -> fields(lines, indent, value);
      case OrNull(var inner) -> fields(lines, indent, inner);
      default -> {
        // has no fields
      }
    }
  }

  private static String type(Shape shape) {
    return switch (shape) {
      case Anything _ -> "anything";
      case Text(var format) -> format.orElse("text");
      case Choice(var words) -> String.join(" | ", words);
      case Decimal _ -> "number";
      case Whole _ -> "integer";
      case Truth _ -> "boolean";
      case Items(var element) -> "list of " + type(element);
      case Entries(var value) -> "map of " + type(value);
      case Fields _ -> "object";
      case Named(var name) -> name;
      case OrNull(var inner) -> type(inner) + " or null";
    };
  }
}
