package dev.koalja.function.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.StringJoiner;

/**
 * What a browser sends of a form, {@code application/x-www-form-urlencoded}: a record with a
 * component for each field, or a map. A field that is there several times is a list.
 */
final class FormData {
  static final String ESSENCE = "application/x-www-form-urlencoded";

  private FormData() {}

  static Object read(ObjectMapper mapper, String form, Charset charset, JavaType type)
      throws IOException {
    ObjectNode fields = mapper.createObjectNode();
    for (String pair : form.strip().split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = decode(equals < 0 ? pair : pair.substring(0, equals), charset);
        add(fields, name, equals < 0 ? "" : decode(pair.substring(equals + 1), charset));
      }
    }
    if (type.isTypeOrSubTypeOf(JsonNode.class)) {
      return fields;
    }
    return mapper
        .readerFor(type)
        // a list of which one is chosen does not look like a list in a form
        .with(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        .readValue(fields);
  }

  private static void add(ObjectNode fields, String name, String value) {
    JsonNode before = fields.get(name);
    if (before == null) {
      fields.put(name, value);
    } else if (before instanceof ArrayNode several) {
      several.add(value);
    } else {
      fields.putArray(name).add(before).add(value);
    }
  }

  private static String decode(String text, Charset charset) {
    try {
      return URLDecoder.decode(text, charset);
    } catch (IllegalArgumentException e) {
      throw new UnreadableDataException(
          "the data is no form: a % is not followed by two hexadecimal digits", e);
    }
  }

  static byte[] write(ObjectMapper mapper, Object value, Charset charset)
      throws JsonProcessingException {
    JsonNode tree =
        value instanceof CharSequence text
            ? new TextNode(text.toString())
            : mapper.valueToTree(value);
    if (!(tree instanceof ObjectNode fields)) {
      throw new IllegalArgumentException(
          "%s cannot be written as a form: it has no fields".formatted(PayloadCodec.name(value)));
    }
    StringJoiner form = new StringJoiner("&");
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      if (field.getValue() instanceof ArrayNode several) {
        several.forEach(each -> form.add(pair(field.getKey(), each, charset)));
      } else if (!field.getValue().isNull()) {
        form.add(pair(field.getKey(), field.getValue(), charset));
      }
    }
    return form.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static String pair(String name, JsonNode value, Charset charset) {
    if (!value.isValueNode()) {
      throw new IllegalArgumentException(
          "field %s has a structure, which a form cannot hold".formatted(name));
    }
    return URLEncoder.encode(name, charset) + "=" + URLEncoder.encode(value.asText(), charset);
  }
}
