package dev.koalja.runtime.result;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.ProblemDetail;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.Rfc3339;
import dev.koalja.runtime.invoke.InvocationOutcome;
import dev.koalja.runtime.receive.HeaderText;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes answers: none, one event in binary mode, a batch, or a problem. Safe for many threads. */
public final class ReplyWriter {
  private static final String BATCH = "application/cloudevents-batch+json";
  private static final String CONTENT_TYPE = "content-type";
  private static final byte[] NOTHING = {};

  private final String codeRevision;

  /** Made when the first batch goes: many processes never send one. */
  private static final class Batch {
    /** Writes attributes. */
    static final ObjectMapper PLAIN =
        JsonMapper.builder().addModule(JsonFormat.getCloudEventJacksonModule()).build();

    /** Writes any data in base 64. */
    static final ObjectMapper BASE64 =
        JsonMapper.builder().addModule(JsonFormat.getCloudEventJacksonModule(true, false)).build();

    static byte[] write(List<CloudEvent> events) throws IOException {
      ByteArrayOutputStream batch = new ByteArrayOutputStream();
      char separator = '[';
      for (CloudEvent event : events) {
        batch.write(separator);
        CloudEventData data = event.getData();
        if (data != null && json(event.getDataContentType(), data)) {
          plain(batch, event, data);
        } else {
          batch.write(BASE64.writeValueAsBytes(event));
        }
        separator = ',';
      }
      batch.write(']');
      return batch.toByteArray();
    }

    /** Byte for byte: whoever reads a number and writes it again may lose digits. */
    private static void plain(ByteArrayOutputStream batch, CloudEvent event, CloudEventData data)
        throws IOException {
      byte[] attributes =
          PLAIN.writeValueAsBytes(CloudEventBuilder.v1(event).withoutData().build());
      batch.write(attributes, 0, attributes.length - 1);
      batch.writeBytes(",\"data\":".getBytes(StandardCharsets.US_ASCII));
      batch.writeBytes(data.toBytes());
      batch.write('}');
    }

    /**
     * Whether the data is one value of JSON in UTF-8. Data that only says so would end the event it
     * stands in and begin others.
     */
    private static boolean json(@Nullable String contentType, CloudEventData data) {
      if (contentType == null || !JSON_TYPE.matcher(contentType).matches()) {
        return false;
      }
      String charset = CHARSET.matcher(contentType).replaceFirst("$1");
      if (!charset.equals(contentType) && !charset.equalsIgnoreCase("utf-8")) {
        return false;
      }
      try {
        String text =
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data.toBytes())).toString();
        try (JsonParser parser = PLAIN.createParser(text)) {
          if (parser.nextToken() == null) {
            return false;
          }
          parser.skipChildren();
          return parser.nextToken() == null;
        }
      } catch (IOException _) {
        return false;
      }
    }

    private static final Pattern JSON_TYPE =
        Pattern.compile(
            "\\s*((application|text)/json|[^;]*\\+json)\\s*(;.*)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern CHARSET =
        Pattern.compile(".*;\\s*charset\\s*=\\s*\"?([^\";\\s]*).*", Pattern.CASE_INSENSITIVE);
  }

  /**
   * A writer.
   *
   * @param codeRevision named on every answer
   */
  public ReplyWriter(String codeRevision) {
    this.codeRevision = codeRevision;
  }

  /**
   * An answer that is not sent yet.
   *
   * @param status its HTTP status
   * @param headers its headers but for those that all answers have
   * @param body its body, perhaps empty
   */
  public record Answer(int status, Map<String, String> headers, byte[] body) {}

  /** Answers with how a call ended. */
  public void write(HttpExchange exchange, InvocationOutcome outcome) throws IOException {
    send(exchange, answer(outcome));
  }

  /** How a call ended, as an answer. */
  public Answer answer(InvocationOutcome outcome) throws IOException {
    // no pattern switch: it would be linked anew in every process, on the way to the first reply
    if (outcome instanceof InvocationOutcome.Failed failed) {
      return problem(failed.code(), failed.status(), failed.detail());
    }
    return results(((InvocationOutcome.Succeeded) outcome).results());
  }

  private static Answer results(List<CloudEvent> results) throws IOException {
    if (results.isEmpty()) {
      return new Answer(204, Map.of(), NOTHING);
    }
    if (results.size() > 1) {
      return new Answer(200, Map.of(CONTENT_TYPE, BATCH), Batch.write(results));
    }
    CloudEvent event = results.getFirst();
    Map<String, String> headers = new HashMap<>();
    for (String name : event.getSpecVersion().getAllAttributes()) {
      Object value = event.getAttribute(name);
      if (value != null && !name.equals("datacontenttype")) {
        headers.put("ce-" + name, HeaderText.encode(text(value)));
      }
    }
    for (String name : event.getExtensionNames()) {
      headers.put("ce-" + name, HeaderText.encode(text(event.getExtension(name))));
    }
    String contentType = event.getDataContentType();
    if (contentType != null) {
      headers.put(CONTENT_TYPE, contentType);
    }
    CloudEventData data = event.getData();
    return new Answer(200, headers, data == null ? NOTHING : data.toBytes());
  }

  /** The canonical text of an attribute's value, as section 2.2 of the specification says. */
  private static String text(@Nullable Object value) {
    if (value instanceof OffsetDateTime time) {
      return Rfc3339.format(time);
    }
    return value instanceof byte[] bytes
        ? Base64.getEncoder().encodeToString(bytes)
        : String.valueOf(value);
  }

  /** Answers that it did not work; of a long detail the beginning. */
  public void problem(HttpExchange exchange, ErrorCode code, int status, String detail)
      throws IOException {
    send(exchange, problem(code, status, detail));
  }

  /** Says that it did not work; of a long detail the beginning. */
  public Answer problem(ErrorCode code, int status, String detail) throws IOException {
    return new Answer(
        status,
        Map.of(CONTENT_TYPE, ProblemDetail.MEDIA_TYPE),
        Problems.write(code, status, detail));
  }

  /**
   * Begins the answer to a bundle; what is written to it are the messages.
   *
   * @param length how many bytes they are; 0 when that is not known yet
   */
  public OutputStream bundle(HttpExchange exchange, int length) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set(KoaljaExtensions.CODE_REVISION_HEADER, codeRevision);
    headers.set(CONTENT_TYPE, Bundle.MEDIA_TYPE);
    exchange.sendResponseHeaders(200, length);
    return exchange.getResponseBody();
  }

  private void send(HttpExchange exchange, Answer answer) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set(KoaljaExtensions.CODE_REVISION_HEADER, codeRevision);
    headers.set(Bundle.HEADER, Bundle.VERSION);
    for (Map.Entry<String, String> header : answer.headers().entrySet()) {
      headers.set(header.getKey(), header.getValue());
    }
    body(exchange, answer.status(), answer.body());
  }

  /** Answers with a text. */
  public void text(HttpExchange exchange, int status, String mediaType, String text)
      throws IOException {
    exchange.getResponseHeaders().set(CONTENT_TYPE, mediaType);
    body(exchange, status, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void body(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean none = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, none ? -1 : body.length);
    if (!none) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }
}
