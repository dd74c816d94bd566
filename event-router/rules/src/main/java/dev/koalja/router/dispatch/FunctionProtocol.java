package dev.koalja.router.dispatch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.ProblemDetail;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.router.dispatch.FunctionCaller.Attempt;
import dev.koalja.router.event.SnapshotEvents;
import io.cloudevents.CloudEvent;
import java.io.IOException;
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

/**
 * What is sent to a function and what its answer means: the table of PROTOCOL.md section 2, however
 * the two meet.
 */
public final class FunctionProtocol {
  static final String REVISION = KoaljaExtensions.CODE_REVISION_HEADER.toLowerCase(Locale.ROOT);
  private static final int MAX_CAUSE = 1000;

  private FunctionProtocol() {}

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

  /** An answer, alone or out of a bundle; header names in lower case. */
  public record Answer(int status, Map<String, String> headers, byte[] body) {}

  /** The headers of an attempt; its body is the data of its event. */
  public static Map<String, String> headers(Attempt attempt) {
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

  /** How an attempt ended whose answer this is. */
  public static InvocationOutcome outcome(Answer answer, ResultLimits limits) {
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
    return Optional.ofNullable(answer.headers().get(REVISION));
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
    revision.ifPresent(code -> headers.put(REVISION, code));
    byte[] body = problem.toString().getBytes(StandardCharsets.UTF_8);
    return failure(new Answer(status < 400 || status > 599 ? 500 : status, headers, body));
  }

  private static InvocationOutcome failed(Answer answer, String cause, Optional<String> revision) {
    return new InvocationOutcome.Retryable(
        code(answer, ErrorCode.FUNCTION_FAILED),
        cause,
        Optional.of(answer.status()),
        revision,
        Optional.ofNullable(answer.headers().get("retry-after")).flatMap(FunctionProtocol::wait));
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
}
