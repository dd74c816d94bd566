package dev.koalja.gateway.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.ProblemDetail;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a request is answered with. */
public sealed interface Answer {

  /**
   * An answer that is known whole.
   *
   * @param status the HTTP status
   * @param mediaType of the body; empty when there is none
   * @param body its bytes; not copied
   * @param headers further header fields
   */
  record Whole(int status, String mediaType, byte[] body, Map<String, String> headers)
      implements Answer {
    /** The same answer with one more header. */
    public Whole with(String name, String value) {
      Map<String, String> more = new LinkedHashMap<>(headers);
      more.put(name, value);
      return new Whole(status, mediaType, body, more);
    }
  }

  /**
   * An answer that is written line by line, as fast as the peer takes it.
   *
   * @param mediaType of the body
   * @param lines writes the lines on the request's own virtual thread
   */
  record Lines(String mediaType, LineSource lines) implements Answer {}

  /** Writes the lines of an answer. */
  @FunctionalInterface
  interface LineSource {
    /** Returns when there is nothing more to write. */
    void writeTo(LineSink sink) throws Exception;
  }

  /** Where lines go. */
  interface LineSink {
    /**
     * Writes one line and waits until it is on its way.
     *
     * @throws IOException when the peer has gone
     */
    void line(String line) throws IOException;

    /** Whether the peer is still there. */
    boolean open();
  }

  /** Nothing but a status. */
  static Whole empty(int status) {
    return new Whole(status, "", new byte[0], Map.of());
  }

  /** A value as JSON. */
  static Whole json(int status, Object value) {
    return new Whole(status, "application/json", bytes(value), Map.of());
  }

  /** An error as a problem detail. */
  static Whole problem(ErrorCode code, String detail) {
    return problem(ProblemDetail.of(code, detail));
  }

  /** An error with all its places. */
  static Whole problem(ErrorCode code, String detail, List<String> problems) {
    return problem(ProblemDetail.of(code, detail, problems));
  }

  private static Whole problem(ProblemDetail problem) {
    return new Whole(problem.status(), ProblemDetail.MEDIA_TYPE, bytes(problem), Map.of());
  }

  private static byte[] bytes(Object value) {
    try {
      return Json.MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("every answer is made of records, maps and text", e);
    }
  }
}
