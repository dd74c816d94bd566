package dev.koalja.runtime.receive;

import static java.util.stream.Collectors.joining;

import com.sun.net.httpserver.HttpExchange;
import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.bundle.MalformedBundleException;
import dev.koalja.pipeline.bundle.Message;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.Rfc3339;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.pipeline.event.Ulid;
import dev.koalja.runtime.registry.HostedFunction;
import dev.koalja.runtime.registry.HostedInput;
import io.cloudevents.CloudEvent;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a request for a function. Safe for many threads. */
public final class RequestReader {
  private static final String CONTENT_TYPE = "content-type";
  private static final String INVOCATION = lowerCase(KoaljaExtensions.INVOCATION_HEADER);
  private static final String ATTEMPT = lowerCase(KoaljaExtensions.ATTEMPT_HEADER);
  private static final String DEADLINE = lowerCase(KoaljaExtensions.DEADLINE_HEADER);

  private final int maxBody;

  /**
   * A reader of bounded bodies.
   *
   * @param maxBody bytes at most
   */
  public RequestReader(int maxBody) {
    this.maxBody = maxBody;
  }

  /**
   * The request.
   *
   * @param function the function that will run
   * @throws KoaljaException {@code malformed-event}, {@code bad-request}, {@code too-large} or
   *     {@code unsupported-media-type}, saying what to send instead
   * @throws IOException when the connection is lost
   */
  public FunctionRequest read(HttpExchange exchange, HostedFunction function) throws IOException {
    RequestHeaders headers = RequestHeaders.of(exchange.getRequestHeaders());
    String contentType = first(headers, CONTENT_TYPE).orElse("");
    boolean batch = isBatch(contentType, function);
    return read(headers, contentType, batch, body(exchange, maxBody), function);
  }

  /**
   * A request out of a bundle.
   *
   * @throws KoaljaException as for a request of its own
   */
  public FunctionRequest read(Message message, HostedFunction function) {
    RequestHeaders headers = RequestHeaders.of(message.headers());
    byte[] body = message.body();
    String contentType = first(headers, CONTENT_TYPE).orElse("");
    boolean batch = isBatch(contentType, function);
    if (body.length > maxBody) {
      throw tooLarge(maxBody);
    }
    return read(headers, contentType, batch, body, function);
  }

  /**
   * The requests of a bundle.
   *
   * @throws KoaljaException {@code bad-request} or {@code too-large}
   * @throws IOException when the connection is lost
   */
  public List<Message> bundle(HttpExchange exchange) throws IOException {
    byte[] body = body(exchange, Bundle.MAX_BYTES);
    try {
      return Bundle.read(body);
    } catch (MalformedBundleException e) {
      throw new KoaljaException(ErrorCode.BAD_REQUEST, "no bundle: " + e.getMessage(), e);
    }
  }

  private static String lowerCase(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** Whether it is a batch or a snapshot; anything but one event is refused otherwise. */
  private static boolean isBatch(String contentType, HostedFunction function) {
    String essence = essence(contentType);
    boolean batch = essence.equals(BatchMode.JSON) && function.descriptor().takesMany();
    if (!batch) {
      requireOne(essence, function);
    }
    return batch;
  }

  private static String essence(String contentType) {
    int end = contentType.indexOf(';');
    return (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  private static FunctionRequest read(
      RequestHeaders headers,
      String contentType,
      boolean batch,
      byte[] body,
      HostedFunction function) {
    List<List<CloudEvent>> inputs;
    Optional<CloudEvent> state = Optional.empty();
    if (batch) {
      List<List<CloudEvent>> events =
          BatchMode.read(
              contentType,
              body,
              function.task(),
              function.inputs().stream().map(HostedInput::name).toList(),
              function.stateType().isPresent());
      inputs = events.subList(0, events.size() - 1);
      state = events.getLast().stream().findFirst();
    } else {
      inputs =
          List.of(
              List.of(
                  essence(contentType).equals(StructuredMode.JSON)
                      ? StructuredMode.read(contentType, body)
                      : BinaryMode.read(headers, body)));
    }
    for (List<CloudEvent> input : inputs) {
      input.forEach(event -> requireWritable(event.getDataContentType()));
    }
    return new FunctionRequest(
        inputs,
        batch,
        state,
        invocation(headers, function.task(), inputs),
        attempt(headers),
        deadline(headers),
        first(headers, KoaljaExtensions.TRACEPARENT)
            .flatMap(TraceParent::parse)
            .map(TraceParent::toString));
  }

  /** A single event is a batch or snapshot too, where there is one input it can be for. */
  private static void requireOne(String essence, HostedFunction function) {
    if (function.inputs().size() > 1) {
      throw new KoaljaException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "%s takes snapshots of %s: send %s"
              .formatted(
                  function.task(),
                  function.inputs().stream().map(HostedInput::name).collect(joining(", ")),
                  BatchMode.JSON));
    }
    if (essence.startsWith("application/cloudevents-batch")) {
      throw new KoaljaException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          function.descriptor().takesMany()
              ? "%s is not read here: send %s".formatted(essence, BatchMode.JSON)
              : "%s takes one event: send a batch event by event".formatted(function.task()));
    }
    if (essence.startsWith("application/cloudevents") && !essence.equals(StructuredMode.JSON)) {
      throw new KoaljaException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "%s is not read here: send %s or binary mode".formatted(essence, StructuredMode.JSON));
    }
  }

  private static void requireWritable(@Nullable String contentType) {
    if (contentType != null && !MediaType.writable(contentType)) {
      throw new KoaljaException(
          ErrorCode.MALFORMED_EVENT,
          "the content type of the data is no media type of at most 256 characters");
    }
  }

  private static byte[] body(HttpExchange exchange, int maxBody) throws IOException {
    InputStream in = exchange.getRequestBody();
    long length =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Length"))
            .map(Long::parseLong)
            .orElse(-1L);
    if (length > maxBody) {
      throw tooLarge(in, maxBody);
    }
    byte[] body = in.readNBytes(length < 0 ? maxBody : (int) length);
    if (body.length < length) {
      throw new EOFException("the connection ended before the body did");
    }
    if (length < 0 && body.length == maxBody && in.read() >= 0) {
      throw tooLarge(in, maxBody);
    }
    return body;
  }

  /** Reads on for a while: most senders look at the answer only when they have sent everything. */
  private static KoaljaException tooLarge(InputStream in, int maxBody) throws IOException {
    in.skip(maxBody);
    return tooLarge(maxBody);
  }

  private static KoaljaException tooLarge(int maxBody) {
    return new KoaljaException(
        ErrorCode.TOO_LARGE,
        "the body is larger than %d bytes: keep large data in an object store and send its address, or raise koalja.max-body"
            .formatted(maxBody));
  }

  private static InvocationId invocation(
      RequestHeaders headers, String task, List<List<CloudEvent>> inputs) {
    Optional<String> header = first(headers, INVOCATION);
    if (header.isEmpty()) {
      Instant latest = Instant.EPOCH;
      List<String> identity = new ArrayList<>();
      identity.add(task);
      for (List<CloudEvent> input : inputs) {
        for (CloudEvent event : input) {
          OffsetDateTime time = event.getTime();
          if (time != null && time.toInstant().isAfter(latest)) {
            latest = time.toInstant();
          }
          identity.add(event.getSource().toString());
          identity.add(event.getId());
        }
      }
      return new InvocationId(Ulid.derived(latest, identity.toArray(String[]::new)));
    }
    try {
      return new InvocationId(header.get());
    } catch (IllegalArgumentException e) {
      throw bad(KoaljaExtensions.INVOCATION_HEADER, header.get(), String.valueOf(e.getMessage()));
    }
  }

  private static int attempt(RequestHeaders headers) {
    Optional<String> header = first(headers, ATTEMPT);
    if (header.isEmpty()) {
      return 1;
    }
    if (!isPositiveNumber(header.get())) {
      throw bad(KoaljaExtensions.ATTEMPT_HEADER, header.get(), "a number from 1 is expected");
    }
    return Integer.parseInt(header.get());
  }

  private static boolean isPositiveNumber(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < (i == 0 ? '1' : '0') || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() < 10;
  }

  private static Optional<Instant> deadline(RequestHeaders headers) {
    Optional<String> header = first(headers, DEADLINE);
    try {
      return header.map(text -> Rfc3339.parse(text).toInstant());
    } catch (DateTimeException e) {
      throw bad(
          KoaljaExtensions.DEADLINE_HEADER, header.orElse(""), "an RFC 3339 time is expected");
    }
  }

  private static KoaljaException bad(String header, String value, String expected) {
    return new KoaljaException(
        ErrorCode.BAD_REQUEST, "%s is \"%s\": %s".formatted(header, value, expected));
  }

  private static Optional<String> first(RequestHeaders headers, String name) {
    return Optional.ofNullable(headers.first(name));
  }
}
