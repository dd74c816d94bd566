package dev.koalja.gateway.link;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.cloudevents.types.Time;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Shows records of links as JSON, as the control API does. Pure. */
public final class EventJson {
  /** Numbers keep their digits; JSON with something behind it is none. */
  private static final ObjectMapper EXACT =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private EventJson() {}

  /** The CloudEvent of a record, when it holds one. */
  public static Optional<CloudEvent> event(ConsumerRecord<byte[], byte[]> record) {
    try {
      return Optional.of(KafkaMessageFactory.createReader(record).toEvent());
    } catch (RuntimeException _) {
      return Optional.empty(); // the SDK throws many kinds; all of them mean: no CloudEvent
    }
  }

  /** A record with all it holds; also when it holds no CloudEvent, which it then says. */
  public static ObjectNode of(ConsumerRecord<byte[], byte[]> record) {
    ObjectNode json = EXACT.createObjectNode();
    json.put("partition", record.partition());
    json.put("offset", record.offset());
    json.put("time", Instant.ofEpochMilli(record.timestamp()).toString());
    Optional<CloudEvent> event = event(record);
    if (event.isEmpty()) {
      json.put("unreadable", "no CloudEvent");
      if (record.value() != null) {
        json.put("data_base64", Base64.getEncoder().encodeToString(record.value()));
      }
      return json;
    }
    attributes(json, event.get());
    CloudEventData data = event.get().getData();
    if (data != null) {
      data(json, event.get().getDataContentType(), data.toBytes());
    }
    return json;
  }

  private static void attributes(ObjectNode json, CloudEvent event) {
    json.put("id", event.getId());
    json.put("source", event.getSource().toString());
    json.put("type", event.getType());
    if (event.getSubject() != null) {
      json.put("subject", event.getSubject());
    }
    if (event.getTime() != null) {
      json.put("eventTime", Time.writeTime(event.getTime()));
    }
    Object key = event.getExtension(KoaljaExtensions.PARTITION_KEY);
    if (key != null) {
      json.put("key", key.toString());
    }
    if (event.getDataContentType() != null) {
      json.put("datacontenttype", event.getDataContentType());
    }
    ObjectNode extensions = json.putObject("extensions");
    event.getExtensionNames().stream()
        .sorted()
        .forEach(name -> extensions.putPOJO(name, event.getExtension(name)));
  }

  /** Data alone: {@code data} when it can be shown, else {@code data_base64}. */
  public static ObjectNode data(String contentType, byte[] data) {
    ObjectNode json = EXACT.createObjectNode();
    data(json, contentType, data);
    return json;
  }

  private static void data(
      ObjectNode json, @org.jspecify.annotations.Nullable String contentType, byte[] data) {
    String type = contentType == null ? "" : contentType.toLowerCase(java.util.Locale.ROOT);
    Optional<String> text = text(data);
    Optional<JsonNode> value =
        type.contains("json") ? text.flatMap(EventJson::json) : Optional.empty();
    if (value.isPresent()) {
      json.set("data", value.get());
    } else if (text.isPresent()) {
      json.put("data", text.get());
    } else {
      json.put("data_base64", Base64.getEncoder().encodeToString(data));
    }
  }

  /** Whether data is JSON, all of it. */
  public static boolean isJson(byte[] data) {
    return text(data).flatMap(EventJson::json).isPresent();
  }

  private static Optional<JsonNode> json(String text) {
    try {
      // nothing at all is no JSON either
      return Optional.of(EXACT.readTree(text)).filter(value -> !value.isMissingNode());
    } catch (JsonProcessingException _) {
      return Optional.empty();
    }
  }

  private static Optional<String> text(byte[] data) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data)).toString();
      boolean binary = text.chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\r' && c != '\t');
      return binary ? Optional.empty() : Optional.of(text);
    } catch (CharacterCodingException _) {
      return Optional.empty();
    }
  }
}
