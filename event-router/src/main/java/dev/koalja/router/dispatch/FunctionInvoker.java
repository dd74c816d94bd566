package dev.koalja.router.dispatch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.ProblemDetail;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.router.event.SnapshotEvents;
import io.cloudevents.CloudEvent;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls a function over HTTP and says how it ended: the table of PROTOCOL.md section 2. Meant for
 * virtual threads, which it blocks until the answer is there. Thread-safe.
 */
public final class FunctionInvoker implements AutoCloseable {
  private static final int MAX_CONNECTIONS_PER_INSTANCE = 1024;
  private static final int MAX_CAUSE = 1000;

  private final HttpClient client;
  private final ResultLimits limits;
  private final BundleSender bundles;

  /**
   * What one invocation may give back.
   *
   * @param count results at most
   * @param bytes bytes of an answer at most
   */
  public record ResultLimits(int count, int bytes) {
    /** 10,000 results, 16 MiB. */
    public static final ResultLimits DEFAULT = new ResultLimits(10_000, 16 * 1024 * 1024);
  }

  /**
   * One attempt to be made.
   *
   * @param endpoint where
   * @param task which task
   * @param event with what
   * @param invocation stable over attempts
   * @param number from 1
   * @param timeout how long to wait for the whole answer
   * @param trace the attempt's span
   * @param bundled whether it may go together with others
   */
  public record Attempt(
      URI endpoint,
      String task,
      CloudEvent event,
      InvocationId invocation,
      int number,
      Duration timeout,
      TraceParent trace,
      boolean bundled) {}

  public FunctionInvoker(Vertx vertx, ResultLimits limits) {
    this.limits = limits;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setKeepAlive(true)
                .setKeepAliveTimeout(20)
                .setConnectTimeout(5000)
                .setTcpNoDelay(true)
                .setMaxHeaderSize(64 * 1024)
                .setDecompressionSupported(false),
            new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS_PER_INSTANCE));
    this.bundles = new BundleSender(vertx, client, limits.bytes());
  }

  /** Makes the attempt; never throws for what the function does. */
  public InvocationOutcome call(Attempt attempt) throws InterruptedException {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    send(attempt, answer);
    try {
      return outcome(answer.get(attempt.timeout().toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException _) {
      answer.cancel(false); // resets the request, see send
      return retryable(
          ErrorCode.FUNCTION_TIMEOUT, "no answer within " + attempt.timeout().toMillis() + " ms");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof AnswerTooLargeException) {
        return new InvocationOutcome.Terminal(
            ErrorCode.RESULT_TOO_LARGE,
            "the answer is larger than " + limits.bytes() + " bytes",
            Optional.empty(),
            Optional.empty());
      }
      String reason =
          cause == null || cause.getMessage() == null
              ? "no reason given"
              : String.valueOf(cause.getMessage());
      return retryable(ErrorCode.FUNCTION_CRASHED, "connection lost: " + reason);
    }
  }

  private static InvocationOutcome.Retryable retryable(ErrorCode code, String cause) {
    return new InvocationOutcome.Retryable(
        code, cause, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** An answer, alone or out of a bundle; header names in lower case. */
  record Answer(int status, Map<String, String> headers, byte[] body) {}

  static final class AnswerTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private void send(Attempt attempt, CompletableFuture<Answer> answer) {
    Map<String, String> headers = headers(attempt);
    byte[] body =
        attempt.event().getData() == null ? new byte[0] : attempt.event().getData().toBytes();
    Runnable alone = () -> send(attempt.endpoint(), headers, body, answer);
    if (!attempt.bundled() || !bundles.take(attempt.endpoint(), headers, body, answer, alone)) {
      alone.run();
    }
  }

  private static Map<String, String> headers(Attempt attempt) {
    Map<String, String> headers = HashMap.newHashMap(16);
    if (SnapshotEvents.isSnapshot(attempt.event())) {
      // a batch has no attributes of its own
      headers.put("content-type", SnapshotEvents.BATCH);
    } else {
      HttpEvents.headers(attempt.event(), headers::put);
    }
    headers.put(KoaljaExtensions.INVOCATION_HEADER, attempt.invocation().value());
    headers.put(KoaljaExtensions.ATTEMPT_HEADER, Integer.toString(attempt.number()));
    headers.put(KoaljaExtensions.DEADLINE_HEADER, Instant.now().plus(attempt.timeout()).toString());
    headers.put(KoaljaExtensions.TASK_HEADER, attempt.task());
    headers.put(KoaljaExtensions.TRACEPARENT, attempt.trace().toString());
    return headers;
  }

  private void send(
      URI endpoint, Map<String, String> headers, byte[] body, CompletableFuture<Answer> answer) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(endpoint.getHost())
            .setPort(endpoint.getPort() < 0 ? 80 : endpoint.getPort())
            .setURI(endpoint.getRawPath());
    headers.forEach(options::addHeader);
    client
        .request(options)
        .onFailure(answer::completeExceptionally)
        .onSuccess(
            request -> {
              answer.whenComplete(
                  (_, _) -> {
                    if (answer.isCancelled()) {
                      request.reset();
                    }
                  });
              if (answer.isCancelled()) {
                request.reset();
                return;
              }
              request
                  .send(Buffer.buffer(body))
                  .onFailure(answer::completeExceptionally)
                  .onSuccess(response -> receive(endpoint, request, response, answer));
            });
  }

  private void receive(
      URI endpoint,
      HttpClientRequest request,
      HttpClientResponse response,
      CompletableFuture<Answer> answer) {
    if (Bundle.VERSION.equals(response.headers().get(Bundle.HEADER))) {
      bundles.learned(endpoint);
    }
    collect(request, response, limits.bytes(), answer);
  }

  /** Reads an answer whole, up to so many bytes. */
  static void collect(
      HttpClientRequest request,
      HttpClientResponse response,
      int limit,
      CompletableFuture<Answer> answer) {
    Buffer body = Buffer.buffer();
    response.exceptionHandler(answer::completeExceptionally);
    response.handler(
        part -> {
          if (body.length() + part.length() > limit) {
            answer.completeExceptionally(new AnswerTooLargeException());
            request.reset();
          } else {
            body.appendBuffer(part);
          }
        });
    response.endHandler(_ -> answer.complete(answer(response, body)));
  }

  private static Answer answer(HttpClientResponse response, Buffer body) {
    Map<String, String> headers = new HashMap<>();
    response.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    return new Answer(response.statusCode(), headers, body.getBytes());
  }

  private InvocationOutcome outcome(Answer answer) {
    int status = answer.status();
    Optional<String> revision = revision(answer);
    if (status >= 200 && status < 300) {
      try {
        List<CloudEvent> results = HttpEvents.read(answer.headers(), answer.body());
        if (results.size() > limits.count()) {
          return new InvocationOutcome.Terminal(
              ErrorCode.TOO_MANY_RESULTS,
              "%d results, at most %d are allowed".formatted(results.size(), limits.count()),
              Optional.of(status),
              revision);
        }
        return new InvocationOutcome.Succeeded(results, status, revision);
      } catch (IllegalArgumentException e) {
        return new InvocationOutcome.Terminal(
            ErrorCode.BAD_REPLY,
            shorten("the reply is no CloudEvent: " + e.getMessage()),
            Optional.of(status),
            revision);
      }
    }
    return failure(answer);
  }

  private static Optional<String> revision(Answer answer) {
    return Optional.ofNullable(answer.headers().get(BundleSender.REVISION));
  }

  private static InvocationOutcome failure(Answer answer) {
    int status = answer.status();
    Optional<String> revision = revision(answer);
    String cause = cause(answer);
    return switch (status) {
      case 404 ->
          new InvocationOutcome.Retryable(
              ErrorCode.UNKNOWN_FUNCTION, cause, Optional.of(status), revision, Optional.empty());
      case 408, 409, 425, 429 -> failed(answer, cause, revision);
      default ->
          status >= 500
              ? failed(answer, cause, revision)
              : new InvocationOutcome.Terminal(
                  code(answer, ErrorCode.FUNCTION_REFUSED), cause, Optional.of(status), revision);
    };
  }

  /** What it means that a function names an event of a batch as failed. */
  static InvocationOutcome failure(JsonNode problem, Optional<String> revision) {
    int status = problem.path("status").asInt(500);
    Map<String, String> headers = new HashMap<>();
    headers.put("content-type", ProblemDetail.MEDIA_TYPE);
    revision.ifPresent(code -> headers.put(BundleSender.REVISION, code));
    byte[] body = problem.toString().getBytes(StandardCharsets.UTF_8);
    return failure(new Answer(status < 400 || status > 599 ? 500 : status, headers, body));
  }

  private static InvocationOutcome failed(Answer answer, String cause, Optional<String> revision) {
    return new InvocationOutcome.Retryable(
        code(answer, ErrorCode.FUNCTION_FAILED),
        cause,
        Optional.of(answer.status()),
        revision,
        Optional.ofNullable(answer.headers().get("retry-after")).flatMap(FunctionInvoker::wait));
  }

  /** Seconds or an HTTP date (RFC 9110, section 10.2.3); anything else is passed over. */
  static Optional<Duration> wait(String retryAfter) {
    try {
      if (retryAfter.matches("\\d{1,9}")) {
        return Optional.of(Duration.ofSeconds(Long.parseLong(retryAfter)));
      }
      Instant until =
          ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(Instant.now(), until);
      return wait.isNegative() ? Optional.empty() : Optional.of(wait);
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }

  private static Optional<JsonNode> problem(Answer answer) {
    if (!answer.headers().getOrDefault("content-type", "").startsWith(ProblemDetail.MEDIA_TYPE)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.MAPPER.readTree(answer.body()));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private static ErrorCode code(Answer answer, ErrorCode fallback) {
    int number = problem(answer).map(json -> json.path("code").asInt()).orElse(0);
    for (ErrorCode code : ErrorCode.values()) {
      if (code.number() == number) {
        return code;
      }
    }
    return fallback;
  }

  private static String cause(Answer answer) {
    String detail = problem(answer).map(json -> json.path("detail").asText("")).orElse("");
    if (detail.isEmpty()) {
      String body = new String(answer.body(), StandardCharsets.UTF_8).strip();
      detail = "HTTP " + answer.status() + (body.isEmpty() ? "" : ": " + body);
    }
    return shorten(detail);
  }

  private static String shorten(String text) {
    return text.length() <= MAX_CAUSE ? text : text.substring(0, MAX_CAUSE - 1) + "…";
  }

  @Override
  public void close() {
    client.close();
  }
}
