package dev.koalja.pipeline.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * An error over HTTP: RFC 9457, media type {@code application/problem+json}.
 *
 * @param type {@code urn:koalja:error:} and the code's word
 * @param title the code's word with spaces
 * @param status the HTTP status
 * @param detail what happened, where, and what to do
 * @param code the stable number
 * @param problems for errors with several places; else empty
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ProblemDetail(
    String type, String title, int status, String detail, int code, List<String> problems) {
  public static final String MEDIA_TYPE = "application/problem+json";

  public ProblemDetail {
    problems = problems == null ? List.of() : List.copyOf(problems);
  }

  /** The problem of a code. */
  public static ProblemDetail of(ErrorCode code, String detail) {
    return of(code, detail, List.of());
  }

  /** The problem of a code with several places. */
  public static ProblemDetail of(ErrorCode code, String detail, List<String> problems) {
    return new ProblemDetail(
        "urn:koalja:error:" + code.word(),
        code.word().replace('-', ' '),
        code.httpStatus(),
        detail,
        code.number(),
        problems);
  }
}
