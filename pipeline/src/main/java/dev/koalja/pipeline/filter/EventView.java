package dev.koalja.pipeline.filter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.types.Time;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One event as filters see it; its data is parsed once, when the first filter asks for it. */
final class EventView {
  static final int MAX_DATA_BYTES = 4 * 1024 * 1024;
  static final int MAX_DATA_NESTING = 200;

  private static final Pattern ATTRIBUTE = Pattern.compile("[a-z0-9]{1,100}");
  private static final Pattern JSON =
      Pattern.compile("[^;/\\s]+/([^;/\\s]+\\+)?json", Pattern.CASE_INSENSITIVE);

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DATA_NESTING).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final CloudEvent event;
  private @Nullable Data data;

  EventView(CloudEvent event) {
    this.event = event;
  }

  /** What is known of the data. */
  sealed interface Data {
    /** It is JSON. */
    record Json(JsonNode root) implements Data {}

    /** There is none, or it is something else. */
    record NotJson(String because) implements Data {}

    /** It may be JSON, but is not looked at. */
    record Unreadable(String message) implements Data {}
  }

  /**
   * @throws IllegalArgumentException if no attribute can be called so
   */
  static void requireAttributeName(String name) {
    if (name.equals("data")) {
      throw new IllegalArgumentException(
          "\"data\" is no attribute: filter on it with {data: {pointer: /…}}");
    }
    if (!ATTRIBUTE.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "%s is no attribute name: lower-case letters and digits".formatted(Wording.quote(name)));
    }
  }

  /** The value of an attribute: a text, an integer or a boolean; null when it is absent. */
  @Nullable Object value(String attribute) {
    Object value =
        event.getSpecVersion().getAllAttributes().contains(attribute)
            ? event.getAttribute(attribute)
            : event.getExtension(attribute);
    if (value == null) {
      return null;
    }
    return switch (value) {
      case String text -> text;
      case Integer number -> number;
      case Boolean bool -> bool;
      case OffsetDateTime time -> Time.writeTime(time);
      case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
      default -> value.toString();
    };
  }

  /** The same as text. */
  @Nullable String text(String attribute) {
    Object value = value(attribute);
    return value == null ? null : value.toString();
  }

  /** An attribute as verdicts tell it. */
  String told(String attribute) {
    String text = text(attribute);
    return text == null ? attribute + " is absent" : attribute + " was " + Wording.quote(text);
  }

  Data data() {
    Data known = data;
    if (known == null) {
      known = parse();
      data = known;
    }
    return known;
  }

  private Data parse() {
    CloudEventData found = event.getData();
    if (found == null) {
      return value("dataref") == null
          ? new Data.NotJson("the event has no data")
          : new Data.Unreadable("the data is stored apart, see dataref");
    }
    String type = event.getDataContentType();
    if (type != null && !isJson(type)) {
      return new Data.NotJson("the data is " + Wording.quote(type) + ", not JSON");
    }
    byte[] bytes;
    try {
      bytes = found.toBytes();
    } catch (RuntimeException e) {
      // data that is an object until somebody asks for its bytes
      return new Data.Unreadable("the data has no bytes: " + e.getMessage());
    }
    if (bytes == null || bytes.length == 0) {
      return new Data.NotJson("the event has no data");
    }
    if (bytes.length > MAX_DATA_BYTES) {
      return new Data.Unreadable(
          "the data has %d bytes, filters look at no more than %d"
              .formatted(bytes.length, MAX_DATA_BYTES));
    }
    try {
      return new Data.Json(MAPPER.readTree(bytes));
    } catch (StreamConstraintsException e) {
      return new Data.Unreadable("the data is beyond bounds: " + e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      return new Data.NotJson("the data is not JSON: " + e.getOriginalMessage());
    } catch (IOException | NumberFormatException | ArithmeticException e) {
      // a broken encoding, or a number beyond what Java can count
      return new Data.NotJson("the data is not JSON: " + e.getMessage());
    }
  }

  private static boolean isJson(String contentType) {
    int end = contentType.indexOf(';');
    String type = end < 0 ? contentType : contentType.substring(0, end);
    return JSON.matcher(type.strip().toLowerCase(Locale.ROOT)).matches();
  }
}
