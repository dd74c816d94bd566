package dev.koalja.gateway.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.gateway.journal.LetterReader;
import dev.koalja.gateway.link.EventJson;
import dev.koalja.pipeline.Json;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** The event a quarantined record may have been meant to be, for a person to complete. Pure. */
final class QuarantinedEvent {
  private static final String JSON = "application/json";
  private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,20}");

  private QuarantinedEvent() {}

  /**
   * An event in the CloudEvents JSON format, or nearly one: the attributes that can be read, what
   * every event must have, and all the bytes. A body that is JSON in structured mode is taken as it
   * is; of bytes that came without a content type the draft says what they look like, or text would
   * be sent back as a JSON string.
   */
  static ObjectNode draft(ConsumerRecord<byte[], byte[]> record) {
    String contentType = "";
    ObjectNode draft = Json.MAPPER.createObjectNode();
    for (String required : new String[] {"specversion", "id", "source", "type"}) {
      draft.put(required, required.equals("specversion") ? "1.0" : "");
    }
    for (Header header : record.headers()) {
      String value =
          header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
      if (header.key().equals("content-type")) {
        contentType = value;
      } else if (header.key().startsWith(LetterReader.ATTRIBUTE)) {
        String name = header.key().substring(LetterReader.ATTRIBUTE.length());
        if (NAME.matcher(name).matches() && !name.equals("specversion")) {
          draft.put(name, value);
        }
      }
    }
    boolean structured = contentType.startsWith("application/cloudevents");
    if (!contentType.isEmpty() && !structured) {
      draft.put("datacontenttype", contentType);
    }
    if (record.value() == null) {
      return draft;
    }
    // shown as the data of an event is: JSON as JSON, text as text, anything else in base 64
    boolean typed = !contentType.isEmpty() && !structured;
    ObjectNode shown = EventJson.data(typed ? contentType : JSON, record.value());
    if (structured && shown.path("data").isObject()) {
      draft.setAll((ObjectNode) shown.path("data"));
      draft.put("specversion", "1.0");
      return draft;
    }
    if (!typed) {
      draft.put("datacontenttype", looksLike(shown, record.value()));
    }
    draft.setAll(shown);
    return draft;
  }

  /** The content type of bytes that do not say theirs. */
  private static String looksLike(ObjectNode shown, byte[] bytes) {
    if (shown.has("data_base64")) {
      return "application/octet-stream";
    }
    return EventJson.isJson(bytes) ? JSON : "text/plain";
  }
}
