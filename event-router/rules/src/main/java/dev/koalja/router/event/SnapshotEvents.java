package dev.koalja.router.event;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.Rfc3339;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.v1.CloudEventV1;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Events of snapshots in the CloudEvents JSON format. An event is written once, when it is taken
 * in; a snapshot is made of those bytes without reading them again.
 */
public final class SnapshotEvents {
  /** The type of the event that carries a snapshot. */
  public static final String TYPE = "dev.koalja.snapshot";

  /** The media type of its data: a batch, but on Kafka that name would mean the record itself. */
  public static final String MEDIA_TYPE = "application/vnd.koalja.snapshot+json";

  /** The media type in which a function gets the same bytes. */
  public static final String BATCH = "application/cloudevents-batch+json";

  private static final Set<String> RESERVED =
      Set.of(KoaljaExtensions.INPUT, KoaljaExtensions.POSITION, KoaljaExtensions.INDEX);

  private SnapshotEvents() {}

  /**
   * An event as it will stand in a snapshot, but for its index.
   *
   * @param key its record key
   * @param position where it stands: topic/partition/offset
   * @param input the port it came to
   */
  public static byte[] json(
      CloudEvent event, Optional<String> key, String position, PortName input) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = Json.MAPPER.getFactory().createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField(KoaljaExtensions.INPUT, input.value());
      json.writeStringField(KoaljaExtensions.POSITION, position);
      json.writeStringField(CloudEventV1.SPECVERSION, event.getSpecVersion().toString());
      for (String name : event.getAttributeNames()) {
        Object value = event.getAttribute(name);
        if (value != null && !name.equals(CloudEventV1.SPECVERSION)) {
          json.writeStringField(name, text(value));
        }
      }
      for (String name : event.getExtensionNames()) {
        writeExtension(json, name, event.getExtension(name));
      }
      if (event.getExtension(KoaljaExtensions.PARTITION_KEY) == null && key.isPresent()) {
        json.writeStringField(KoaljaExtensions.PARTITION_KEY, key.get());
      }
      writeData(json, event);
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("memory never fails", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Adds an event to a snapshot or batch, which begins with {@code [}.
   *
   * @param index its position among those of its input
   * @param event what {@link #json} wrote
   */
  public static void append(ByteArrayOutputStream batch, int index, byte[] event) {
    if (batch.size() > 1) {
      batch.write(',');
    }
    String head = "{\"" + KoaljaExtensions.INDEX + "\":" + index + ",";
    batch.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    batch.write(event, 1, event.length - 1);
  }

  /** How many functions an event came through that {@link #json} wrote. */
  public static int hops(byte[] event) {
    try (JsonParser json = Json.MAPPER.getFactory().createParser(event)) {
      json.nextToken();
      // data comes last, and is none of our business
      while (json.nextToken() == JsonToken.FIELD_NAME && !json.currentName().startsWith("data")) {
        boolean hops = json.currentName().equals(KoaljaExtensions.HOPS);
        json.nextToken();
        if (hops) {
          return Math.max(0, json.getValueAsInt());
        }
        json.skipChildren();
      }
      return 0;
    } catch (IOException e) {
      throw new IllegalStateException("an event that was not written by an intake", e);
    }
  }

  private static void writeExtension(JsonGenerator json, String name, @Nullable Object value)
      throws IOException {
    if (value == null || RESERVED.contains(name)) {
      return;
    }
    switch (value) {
      case Integer number -> json.writeNumberField(name, number);
      case Boolean flag -> json.writeBooleanField(name, flag);
      default -> json.writeStringField(name, text(value));
    }
  }

  private static String text(Object value) {
    return switch (value) {
      case OffsetDateTime time -> Rfc3339.format(time);
      case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
      default -> value.toString();
    };
  }

  /** JSON stands as JSON; everything else in base 64, which keeps every byte. */
  private static void writeData(JsonGenerator json, CloudEvent event) throws IOException {
    CloudEventData data = event.getData();
    if (data == null) {
      return;
    }
    byte[] bytes = data.toBytes();
    if (isJson(event.getDataContentType()) && isOneJsonValue(bytes)) {
      json.writeFieldName("data");
      json.writeRawValue(new String(bytes, StandardCharsets.UTF_8));
    } else {
      json.writeBinaryField("data_base64", bytes);
    }
  }

  private static boolean isJson(@Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    String media = contentType.split(";", -1)[0].strip().toLowerCase(Locale.ROOT);
    return media.equals("application/json") || media.endsWith("+json") || media.equals("text/json");
  }

  /** Whether the bytes can stand inside JSON: one whole value in UTF-8 and nothing after it. */
  private static boolean isOneJsonValue(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0 || text.startsWith("\uFEFF")) {
      return false;
    }
    try (JsonParser parser = Json.MAPPER.getFactory().createParser(text)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.currentToken() != JsonToken.NOT_AVAILABLE && parser.nextToken() == null;
    } catch (IOException _) {
      return false;
    }
  }

  /** Whether an event carries a snapshot. */
  public static boolean isSnapshot(CloudEvent event) {
    return event.getType().equals(TYPE) && MEDIA_TYPE.equals(event.getDataContentType());
  }

  /** What the journal keeps of the events of a snapshot. */
  public static List<InputEvent> inputs(CloudEvent snapshot) {
    List<InputEvent> inputs = new ArrayList<>();
    CloudEventData data = snapshot.getData();
    if (data == null) {
      return inputs;
    }
    try {
      for (JsonNode event : Json.MAPPER.readTree(data.toBytes())) {
        inputs.add(input(event));
      }
      return inputs;
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException("a snapshot that was not written by assembly", e);
    }
  }

  /** What the journal keeps of one of these events. */
  public static InputEvent input(JsonNode event) throws IOException {
    String[] position = event.path(KoaljaExtensions.POSITION).asText().split("/", -1);
    if (position.length != 3 || !(event instanceof ObjectNode)) {
      throw new IllegalArgumentException("no position");
    }
    JsonNode data = event.path("data");
    int size =
        event.hasNonNull("data_base64")
            ? event.path("data_base64").binaryValue().length
            : data.isMissingNode() ? 0 : Json.MAPPER.writeValueAsBytes(data).length;
    return new InputEvent(
        event.path(KoaljaExtensions.INPUT).asText(),
        TopicName.linkOf(position[0]).orElse(""),
        position[0],
        Integer.parseInt(position[1]),
        Long.parseLong(position[2]),
        event.path(CloudEventV1.SOURCE).asText(),
        event.path(CloudEventV1.ID).asText(),
        event.path(CloudEventV1.TYPE).asText(),
        Optional.of(event.path(KoaljaExtensions.PARTITION_KEY).asText())
            .filter(key -> !key.isEmpty()),
        size);
  }
}
