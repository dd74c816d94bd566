package dev.koalja.runtime.receive;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.Rfc3339;
import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonCloudEventData;
import io.cloudevents.jackson.JsonFormat;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Structured content mode: the body is the whole event as JSON. */
final class StructuredMode {
  static final String JSON = "application/cloudevents+json";

  /** Made when the first such event comes: most processes never see one. */
  private static final class Format {
    static final ObjectMapper MAPPER =
        JsonMapper.builder()
            .addModule(JsonFormat.getCloudEventJacksonModule())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // no digit of a number is lost on the way to the function
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
  }

  private StructuredMode() {}

  static CloudEvent read(String contentType, byte[] body) {
    byte[] json = utf8(contentType, body);
    CloudEvent event;
    try {
      if (!(Format.MAPPER.readTree(json) instanceof ObjectNode tree)) {
        throw malformed("the body is no CloudEvent in JSON: it is no object");
      }
      event = event(tree);
    } catch (KoaljaException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw malformed("the body is no CloudEvent in JSON: " + firstLine(cause));
    }
    if (event.getSpecVersion() != SpecVersion.V1) {
      throw malformed("specversion is \"%s\": 1.0 is read here".formatted(event.getSpecVersion()));
    }
    if (event.getId().isEmpty()
        || event.getType().isEmpty()
        || event.getSource().toString().isEmpty()) {
      throw malformed("id, source and type must not be empty");
    }
    return event;
  }

  private static CloudEvent event(ObjectNode tree) throws IOException {
    for (Map.Entry<String, JsonNode> field : List.copyOf(tree.properties())) {
      if (field.getKey().equals("data")) {
        continue;
      }
      if (field.getValue().isNull()) {
        // an attribute may be written as null, which means that it is not set
        tree.remove(field.getKey());
      } else if (field.getValue().isContainerNode()) {
        throw malformed(
            "\"%s\" has a structure: attributes are single values".formatted(field.getKey()));
      }
    }
    // the SDK knows fewer types that end in +json, and would want text for the others
    String type = tree.path("datacontenttype").asText().split(";", 2)[0].strip();
    boolean json = type.regionMatches(true, type.length() - 5, "+json", 0, 5);
    JsonNode data = json && !tree.has("data_base64") ? tree.remove("data") : null;
    CloudEvent event = Format.MAPPER.treeToValue(tree, CloudEvent.class);
    OffsetDateTime time = event.getTime();
    if (time != null) {
      Rfc3339.require(time);
    }
    return data == null
        ? event
        : CloudEventBuilder.v1(event).withData(JsonCloudEventData.wrap(data)).build();
  }

  private static String firstLine(Throwable cause) {
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
  }

  /** JSON in other charsets than Unicode's is rare, but a caller may say so. */
  static byte[] utf8(String contentType, byte[] body) {
    String lower = contentType.toLowerCase(Locale.ROOT);
    int at = lower.indexOf("charset=");
    if (at < 0) {
      return body;
    }
    String name =
        lower.substring(at + "charset=".length()).split(";", 2)[0].strip().replace("\"", "");
    if (name.startsWith("utf-")) {
      return body;
    }
    try {
      return new String(body, Charset.forName(name)).getBytes(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new KoaljaException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "the charset \"%s\" is not known".formatted(name));
    }
  }

  private static KoaljaException malformed(String message) {
    return new KoaljaException(ErrorCode.MALFORMED_EVENT, message);
  }
}
