package dev.koalja.runtime.result;

import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.ProblemDetail;
import java.io.IOException;

/** Writes what did not work as {@code application/problem+json}. */
final class Problems {
  private static final int MAX_DETAIL = 2000;

  private Problems() {}

  /** The body; of a long detail the beginning. */
  static byte[] write(ErrorCode code, int status, String detail) throws IOException {
    String shown = detail.length() <= MAX_DETAIL ? detail : detail.substring(0, MAX_DETAIL) + "…";
    ProblemDetail problem = ProblemDetail.of(code, shown);
    return Json.MAPPER.writeValueAsBytes(
        new ProblemDetail(
            problem.type(), problem.title(), status, shown, problem.code(), problem.problems()));
  }
}
