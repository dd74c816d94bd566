package dev.koalja.runtime.receive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.Rfc3339;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Many events: a batch in JSON, each with its input and its index within that. JSON data is cut out
 * of the body as it stands there, so that no digit of a number is lost.
 */
final class BatchMode {
  static final String JSON = "application/cloudevents-batch+json";
  static final int MAX_EVENTS = 10_000;

  private static final JsonFactory FACTORY = new JsonFactory();
  private static final Set<String> REQUIRED = Set.of("specversion", "id", "source", "type");

  private final byte[] body;
  private final String task;
  private final List<String> inputs;
  private final boolean keyedState;

  private BatchMode(byte[] body, String task, List<String> inputs, boolean keyedState) {
    this.body = body;
    this.task = task;
    this.inputs = inputs;
    this.keyedState = keyedState;
  }

  /**
   * The events of each input, in the order of {@code inputs}; then those of the state.
   *
   * @param task the task they are for
   * @param inputs its ports
   * @param keyedState whether it keeps a state for each key
   */
  static List<List<CloudEvent>> read(
      String contentType, byte[] body, String task, List<String> inputs, boolean keyedState) {
    byte[] json = StructuredMode.utf8(contentType, body);
    try (JsonParser parser = FACTORY.createParser(json)) {
      return new BatchMode(json, task, inputs, keyedState).batch(parser);
    } catch (IOException e) {
      String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw malformed("the body is no batch of CloudEvents in JSON: " + line);
    }
  }

  private List<List<CloudEvent>> batch(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_ARRAY) {
      throw malformed("the body is no batch of CloudEvents in JSON: it is no array");
    }
    List<List<CloudEvent>> events = new ArrayList<>();
    for (int i = 0; i <= inputs.size(); i++) {
      events.add(new ArrayList<>());
    }
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (count == MAX_EVENTS) {
        throw new KoaljaException(
            ErrorCode.TOO_LARGE, "the batch has more than %d events".formatted(MAX_EVENTS));
      }
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw malformed("event %d of the batch is no object".formatted(count));
      }
      try {
        event(parser, events);
      } catch (KoaljaException e) {
        throw malformed("event %d of the batch: %s".formatted(count, e.getMessage()));
      }
      count++;
    }
    if (parser.nextToken() != null) {
      throw malformed("the body is no batch of CloudEvents in JSON: something follows the array");
    }
    if (count == events.getLast().size()) {
      throw malformed("the batch has no event");
    }
    return events;
  }

  private void event(JsonParser parser, List<List<CloudEvent>> events) throws IOException {
    Map<String, Object> attributes = new HashMap<>();
    byte @Nullable [] raw = null;
    @Nullable String text = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      if (name.equals("data")) {
        text = token == JsonToken.VALUE_STRING ? parser.getText() : null;
        raw = slice(parser);
      } else if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
        throw malformed("\"%s\" has a structure: attributes are single values".formatted(name));
      } else if (token != JsonToken.VALUE_NULL) {
        attributes.put(name, value(parser, token));
      }
    }
    List<CloudEvent> input = events.get(input(attributes.remove(KoaljaExtensions.INPUT)));
    Object index = attributes.remove(KoaljaExtensions.INDEX);
    if (index != null && !index.toString().equals(Integer.toString(input.size()))) {
      throw malformed("its koaljaindex is %s, where %d is next".formatted(index, input.size()));
    }
    attributes.remove(KoaljaExtensions.POSITION);
    input.add(build(attributes, raw, text));
  }

  private int input(@Nullable Object name) {
    if (name == null && inputs.size() == 1) {
      return 0;
    }
    if (keyedState && Reader.STATE.value().equals(name)) {
      return inputs.size();
    }
    int input = name == null ? -1 : inputs.indexOf(name.toString());
    if (input < 0) {
      throw malformed(
          "%s: %s reads %s"
              .formatted(
                  name == null
                      ? "its koaljainput is missing"
                      : "no input is called \"" + name + "\"",
                  task,
                  String.join(", ", inputs)));
    }
    return input;
  }

  private static Object value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT -> {
        String number = parser.getText();
        boolean small = number.length() < 10;
        yield small ? (Object) Integer.parseInt(number) : number;
      }
      default -> parser.getText();
    };
  }

  /** The bytes of the value the parser stands at, of which nothing has to be understood. */
  private byte[] slice(JsonParser parser) throws IOException {
    long begin = parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken();
    long end = parser.currentLocation().getByteOffset();
    if (begin < 0 || end < begin || end > body.length) {
      throw malformed("its data is not in UTF-8");
    }
    return Arrays.copyOfRange(body, (int) begin, (int) end);
  }

  private static CloudEvent build(
      Map<String, Object> attributes, byte @Nullable [] raw, @Nullable String text) {
    for (String name : REQUIRED) {
      Object value = attributes.get(name);
      if (value == null || value.toString().isEmpty()) {
        throw malformed("its %s is missing".formatted(name));
      }
    }
    if (!"1.0".equals(attributes.get("specversion"))) {
      throw malformed(
          "specversion is \"%s\": 1.0 is read here".formatted(attributes.get("specversion")));
    }
    @Nullable Object base64 = attributes.remove("data_base64");
    CloudEventBuilder event = CloudEventBuilder.v1();
    attributes.forEach((name, value) -> attribute(event, name, value));
    if (base64 != null && raw != null) {
      throw malformed("it has both data and data_base64");
    }
    if (base64 != null) {
      event.withData(decode(base64.toString()));
    } else if (raw != null) {
      event.withData(data(attributes.get("datacontenttype"), raw, text));
    }
    return event.build();
  }

  /** Data of another type than JSON stands there as the text it is. */
  private static byte[] data(@Nullable Object contentType, byte[] raw, @Nullable String text) {
    String type =
        contentType == null
            ? "application/json"
            : contentType.toString().split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (type.equals("application/json") || type.equals("text/json") || type.endsWith("+json")) {
      return raw;
    }
    if (text == null) {
      throw malformed("its data is %s and no text".formatted(type));
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] decode(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw malformed("its data_base64 is not in base 64");
    }
  }

  private static void attribute(CloudEventBuilder event, String name, Object value) {
    String text = value.toString();
    switch (name) {
      case "specversion" -> {}
      case "id" -> event.withId(text);
      case "source" -> event.withSource(uri(name, text));
      case "type" -> event.withType(text);
      case "subject" -> event.withSubject(text);
      case "dataschema" -> event.withDataSchema(uri(name, text));
      case "datacontenttype" -> event.withDataContentType(text);
      case "time" -> {
        try {
          event.withTime(Rfc3339.parse(text));
        } catch (DateTimeException e) {
          throw malformed("time is \"%s\", which is no RFC 3339 time".formatted(text));
        }
      }
      default -> extension(event, name, value);
    }
  }

  private static void extension(CloudEventBuilder event, String name, Object value) {
    if (!name.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9')
        || name.isEmpty()) {
      throw malformed(
          "\"%s\" is no attribute: names have only lower-case letters and digits".formatted(name));
    }
    switch (value) {
      case Integer number -> event.withExtension(name, number);
      case Boolean flag -> event.withExtension(name, flag);
      default -> event.withExtension(name, value.toString());
    }
  }

  private static URI uri(String name, String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw malformed("%s is \"%s\", which is no URI".formatted(name, text));
    }
  }

  private static KoaljaException malformed(String message) {
    return new KoaljaException(ErrorCode.MALFORMED_EVENT, message);
  }
}
