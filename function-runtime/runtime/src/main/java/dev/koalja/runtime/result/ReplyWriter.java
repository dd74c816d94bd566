package dev.koalja.runtime.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.ProblemDetail;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.runtime.invoke.InvocationOutcome;
import dev.koalja.runtime.receive.HeaderText;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.jackson.JsonFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Writes answers: none, one event in binary mode, a batch, or a problem. Safe for many threads. */
public final class ReplyWriter {
  private static final String BATCH = "application/cloudevents-batch+json";

  private final String codeRevision;

  /** Made when the first batch goes: many processes never send one. */
  private static final class Batch {
    static final ObjectMapper MAPPER =
        JsonMapper.builder().addModule(JsonFormat.getCloudEventJacksonModule()).build();
  }

  /**
   * A writer.
   *
   * @param codeRevision named on every answer
   */
  public ReplyWriter(String codeRevision) {
    this.codeRevision = codeRevision;
  }

  /** Answers with how a call ended. */
  public void write(HttpExchange exchange, InvocationOutcome outcome) throws IOException {
    // no pattern switch: it would be linked anew in every process, on the way to the first reply
    if (outcome instanceof InvocationOutcome.Failed failed) {
      problem(exchange, failed.code(), failed.status(), failed.detail());
    } else if (outcome instanceof InvocationOutcome.Succeeded(var results)) {
      results(exchange, results);
    }
  }

  private void results(HttpExchange exchange, List<CloudEvent> results) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set(KoaljaExtensions.CODE_REVISION_HEADER, codeRevision);
    if (results.isEmpty()) {
      exchange.sendResponseHeaders(204, -1);
    } else if (results.size() == 1) {
      CloudEvent event = results.getFirst();
      for (String name : event.getAttributeNames()) {
        if (!name.equals("datacontenttype")) {
          headers.set("ce-" + name, HeaderText.encode(String.valueOf(event.getAttribute(name))));
        }
      }
      for (String name : event.getExtensionNames()) {
        headers.set("ce-" + name, HeaderText.encode(String.valueOf(event.getExtension(name))));
      }
      String contentType = event.getDataContentType();
      if (contentType != null) {
        headers.set("Content-Type", contentType);
      }
      CloudEventData data = event.getData();
      body(exchange, 200, data == null ? new byte[0] : data.toBytes());
    } else {
      headers.set("Content-Type", BATCH);
      body(exchange, 200, Batch.MAPPER.writeValueAsBytes(results));
    }
  }

  /** Answers that it did not work. */
  public void problem(HttpExchange exchange, ErrorCode code, int status, String detail)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set(KoaljaExtensions.CODE_REVISION_HEADER, codeRevision);
    headers.set("Content-Type", ProblemDetail.MEDIA_TYPE);
    ProblemDetail problem = ProblemDetail.of(code, detail);
    problem =
        new ProblemDetail(
            problem.type(), problem.title(), status, detail, problem.code(), problem.problems());
    body(exchange, status, Json.MAPPER.writeValueAsBytes(problem));
  }

  /** Answers with a text. */
  public void text(HttpExchange exchange, int status, String mediaType, String text)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", mediaType);
    body(exchange, status, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
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
