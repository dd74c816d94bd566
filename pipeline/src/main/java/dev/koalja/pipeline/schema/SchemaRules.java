package dev.koalja.pipeline.schema;

import dev.koalja.pipeline.schema.Shape.Anything;
import dev.koalja.pipeline.schema.Shape.Choice;
import dev.koalja.pipeline.schema.Shape.Decimal;
import dev.koalja.pipeline.schema.Shape.Entries;
import dev.koalja.pipeline.schema.Shape.Field;
import dev.koalja.pipeline.schema.Shape.Fields;
import dev.koalja.pipeline.schema.Shape.Items;
import dev.koalja.pipeline.schema.Shape.Named;
import dev.koalja.pipeline.schema.Shape.OrNull;
import dev.koalja.pipeline.schema.Shape.Text;
import dev.koalja.pipeline.schema.Shape.Truth;
import dev.koalja.pipeline.schema.Shape.Whole;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether a consumer can read what a producer writes. The rules stand as a table in {@code
 * PROTOCOL.md}. Only what is sure to fail, or may fail at any event, is refused.
 */
public final class SchemaRules {
  /** More places than these help nobody. */
  public static final int MAX_MISMATCHES = 20;

  private static final int MAX_WORDS = 5;

  /** Definitions of both sides may meet in every combination; so many are looked at. */
  private static final int MAX_PAIRS = 10_000;

  private final DataSchema producer;
  private final DataSchema consumer;
  private final boolean view;
  private final List<Mismatch> mismatches = new ArrayList<>();
  private final Set<Pair> compared = new HashSet<>();

  private final Queue<Pending> pending = new ArrayDeque<>();

  private record Pair(Named written, Named read) {}

  /** Two definitions to compare, and where they met first. */
  private record Pending(String path, Pair pair) {}

  private SchemaRules(DataSchema producer, DataSchema consumer, boolean view) {
    this.producer = producer;
    this.consumer = consumer;
    this.view = view;
  }

  /** Compares two versions of one type; what is empty can be read. */
  public static List<Mismatch> compare(DataSchema producer, DataSchema consumer) {
    return new SchemaRules(producer, consumer, false).compare();
  }

  /**
   * Compares two types of different names. The consumer's has to be a view of the producer's: it
   * has no field that is never written, except those that may be null.
   */
  public static List<Mismatch> compareView(DataSchema producer, DataSchema consumer) {
    return new SchemaRules(producer, consumer, true).compare();
  }

  private List<Mismatch> compare() {
    value("", producer.root(), consumer.root(), false);
    // one after the other, as definitions that name each other may be deeper than the stack
    while (!pending.isEmpty()) {
      Pending next = pending.remove();
      shapes(
          next.path(),
          Shape.withoutNull(producer.resolve(next.pair().written())),
          Shape.withoutNull(consumer.resolve(next.pair().read())));
    }
    return List.copyOf(mismatches);
  }

  /**
   * Compares a value.
   *
   * @param nullFits whether the consumer takes null for nothing
   */
  private void value(String path, Shape written, Shape read, boolean nullFits) {
    if (mismatches.size() >= MAX_MISMATCHES) {
      return;
    }
    if (producer.resolve(written) instanceof OrNull
        && !(consumer.resolve(read) instanceof OrNull || consumer.resolve(read) instanceof Anything)
        && !nullFits) {
      add(
          path,
          "may be null at the producer, and the consumer refuses null",
          "never write null there, or let the consumer take it");
    }
    Shape writtenValue = Shape.withoutNull(written);
    Shape readValue = Shape.withoutNull(read);
    if (writtenValue instanceof Named from && readValue instanceof Named to) {
      Pair pair = new Pair(from, to);
      if (compared.size() < MAX_PAIRS && compared.add(pair)) {
        pending.add(new Pending(path, pair));
      }
      return;
    }
    shapes(
        path,
        Shape.withoutNull(producer.resolve(writtenValue)),
        Shape.withoutNull(consumer.resolve(readValue)));
  }

  private void shapes(String path, Shape written, Shape read) {
    switch (read) {
      case Anything _ -> {}
      case Shape _ when written instanceof Anything -> {}
      case Fields fields when written instanceof Fields object -> fields(path, object, fields);
      case Fields fields when written instanceof Entries(var value) -> entries(path, value, fields);
      case Entries(var value) when written instanceof Entries(var each) ->
          value(path + ".*", each, value, true);
      case Entries(var value) when written instanceof Fields(var fields) ->
          fields.forEach((name, field) -> value(join(path, name), field.shape(), value, true));
      case Items(var element) when written instanceof Items(var each) ->
          value(path + "[]", each, element, true);
      case Choice(var words) when written instanceof Choice(var values) ->
          words(path, values, words);
      case Text(var format) when written instanceof Text(var other) ->
          format.filter(each -> !other.equals(format)).ifPresent(_ -> differ(path, written, read));
      case Text(var format) when written instanceof Choice && format.isEmpty() -> {}
      case Decimal _ when written instanceof Decimal || written instanceof Whole -> {}
      case Whole _ when written instanceof Whole -> {}
      case Truth _ when written instanceof Truth -> {}
      default -> differ(path, written, read);
    }
  }

  private void fields(String path, Fields written, Fields read) {
    read.fields()
        .forEach(
            (name, field) -> {
              String place = join(path, name);
              @Nullable Field other = written.fields().get(name);
              if (other == null) {
                missing(place, field);
              } else {
                if (field.required() && !other.required()) {
                  add(
                      place,
                      "is required by the consumer, and optional at the producer",
                      "always write it, or let the consumer do without it");
                }
                value(place, other.shape(), field.shape(), !field.required());
              }
            });
  }

  private void missing(String place, Field field) {
    if (field.required()) {
      add(
          place,
          "is required by the consumer, and the producer does not write it",
          "write it, or let the consumer do without it");
    } else if (view
        && !(consumer.resolve(field.shape()) instanceof OrNull)
        && !(consumer.resolve(field.shape()) instanceof Anything)) {
      add(
          place,
          "is read by the consumer, and the producer, whose type has another name, does not write"
              + " it",
          "read the producer's type, remove the field, or say that it may be null");
    }
  }

  /** A map may have any names, so it is sure to have none. */
  private void entries(String path, Shape value, Fields read) {
    read.fields()
        .forEach(
            (name, field) -> {
              String place = join(path, name);
              if (field.required()) {
                add(
                    place,
                    "is required by the consumer, and the producer writes a map, which may lack it",
                    "write an object with that field, or let the consumer do without it");
              }
              value(place, value, field.shape(), !field.required());
            });
  }

  private void words(String path, List<String> written, List<String> read) {
    List<String> unknown = written.stream().filter(each -> !read.contains(each)).toList();
    if (!unknown.isEmpty()) {
      String some = unknown.stream().limit(MAX_WORDS).collect(Collectors.joining(", "));
      add(
          path,
          "may be %s, which the consumer does not know"
              .formatted(unknown.size() > MAX_WORDS ? some + ", …" : some),
          "add it to the consumer first");
    }
  }

  private void differ(String path, Shape written, Shape read) {
    add(
        path,
        "is %s at the producer and %s at the consumer"
            .formatted(SchemaText.kind(written), SchemaText.kind(read)),
        "give both the same type");
  }

  private void add(String path, String reason, String mend) {
    if (mismatches.size() < MAX_MISMATCHES) {
      mismatches.add(new Mismatch(path, reason, mend));
    }
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
