package dev.koalja.gateway.ingress;

import dev.koalja.gateway.admit.AttributeLimit;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.rw.CloudEventRWException;
import io.cloudevents.types.Time;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The context attributes of one event as they came in, before anything is believed of them: names,
 * presence, characters and types are checked on {@link #toEvent}.
 */
final class Attributes {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,64}");
  private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");
  private static final Set<String> ONLY_TEXT =
      Set.of(
          "specversion",
          "id",
          "source",
          "type",
          "datacontenttype",
          "dataschema",
          "subject",
          "time",
          KoaljaExtensions.PARTITION_KEY);

  private final Map<String, Object> values = new LinkedHashMap<>();
  private long characters;

  /** Takes an attribute: text, {@link Boolean} or {@link Integer}. */
  void put(String name, Object value) {
    if (!NAME.matcher(name).matches()) {
      throw malformed("\"%s\" is no attribute name: only a-z and 0-9 are allowed".formatted(name));
    }
    if (name.equals("data") || name.equals("database64")) {
      throw malformed("\"" + name + "\" cannot be an attribute");
    }
    if (ONLY_TEXT.contains(name) && !(value instanceof String)) {
      throw malformed("attribute %s must be text, is %s".formatted(name, value));
    }
    if (value instanceof String text) {
      characters(name, text);
    }
    if (values.putIfAbsent(name, value) != null) {
      throw malformed("attribute " + name + " is there twice");
    }
    characters += name.length() + value.toString().length();
    AttributeLimit.check(values.size(), characters);
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  String text(String name) {
    return values.get(name) instanceof String text ? text : "";
  }

  /** The required attributes that are not there, or empty. */
  List<String> missing() {
    return REQUIRED.stream().filter(name -> text(name).isEmpty()).toList();
  }

  /** The event, when every attribute is as CloudEvents 1.0 says. */
  CloudEvent toEvent(byte @Nullable [] data) {
    List<String> missing = missing();
    if (!missing.isEmpty()) {
      throw malformed(
          "required %s missing or empty: %s"
              .formatted(
                  missing.size() == 1 ? "attribute is" : "attributes are",
                  String.join(", ", missing)));
    }
    if (!text("specversion").equals("1.0")) {
      throw malformed(
          "specversion is \"%s\", only 1.0 is understood".formatted(text("specversion")));
    }
    try {
      CloudEventBuilder builder = CloudEventBuilder.v1();
      values.forEach((name, value) -> set(builder, name, value));
      if (data != null) {
        builder.withData(data);
      }
      return builder.build();
    } catch (CloudEventRWException | IllegalStateException e) {
      throw new KoaljaException(ErrorCode.MALFORMED_EVENT, "no CloudEvent: " + e.getMessage(), e);
    }
  }

  private static void set(CloudEventBuilder builder, String name, Object value) {
    switch (name) {
      case "specversion" -> {}
      case "id" -> builder.withId(value.toString());
      case "type" -> builder.withType(value.toString());
      case "source" -> builder.withSource(uri(name, value.toString()));
      case "dataschema" -> builder.withDataSchema(uri(name, nonEmpty(name, value)));
      case "datacontenttype" -> builder.withDataContentType(nonEmpty(name, value));
      case "subject" -> builder.withSubject(nonEmpty(name, value));
      case "time" -> {
        try {
          builder.withTime(Time.parseTime(value.toString()));
        } catch (CloudEventRWException | java.time.DateTimeException e) {
          throw malformed("attribute time is \"%s\", must be RFC 3339".formatted(value));
        }
      }
      case KoaljaExtensions.PARTITION_KEY -> builder.withExtension(name, nonEmpty(name, value));
      default -> {
        switch (value) {
          case Boolean flag -> builder.withExtension(name, flag);
          case Integer number -> builder.withExtension(name, number);
          default -> builder.withExtension(name, value.toString());
        }
      }
    }
  }

  private static String nonEmpty(String name, Object value) {
    if (value.toString().isEmpty()) {
      throw malformed("attribute " + name + " is empty: leave it out instead");
    }
    return value.toString();
  }

  private static URI uri(String name, String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException _) {
      throw malformed("attribute %s is \"%s\", must be a URI".formatted(name, text));
    }
  }

  /** CloudEvents strings hold no control characters, surrogates without partner, noncharacters. */
  private static void characters(String name, String text) {
    boolean allowed =
        text.codePoints()
            .noneMatch(
                c ->
                    Character.isISOControl(c)
                        || c >= 0xD800 && c <= 0xDFFF
                        || c >= 0xFDD0 && c <= 0xFDEF
                        || (c & 0xFFFE) == 0xFFFE);
    if (!allowed) {
      throw malformed("attribute " + name + " has a character that CloudEvents forbids");
    }
  }

  static KoaljaException malformed(String message) {
    return new KoaljaException(ErrorCode.MALFORMED_EVENT, message);
  }

  /** {@code ce-id, ce-source, ...} of the required attributes. */
  static String requiredHeaders() {
    return Stream.of("ce-id", "ce-source", "ce-type", "ce-specversion: 1.0")
        .collect(Collectors.joining(", "));
  }
}
