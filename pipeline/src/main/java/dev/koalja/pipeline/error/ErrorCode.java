package dev.koalja.pipeline.error;

import java.util.Locale;

/**
 * Everything that can go wrong, with a number that never changes meaning. Problem details, metrics,
 * logs and dead letters quote it.
 */
public enum ErrorCode {
  // 1xx: what came in over HTTP
  MALFORMED_EVENT(101, ErrorType.USER, 400, false),
  MALFORMED_DATA(102, ErrorType.USER, 400, false),
  BAD_SIGNATURE(103, ErrorType.USER, 401, false),
  UNAUTHORIZED(104, ErrorType.USER, 401, false),
  UNKNOWN_LINK(105, ErrorType.USER, 404, false),
  UNKNOWN_TRIGGER(106, ErrorType.USER, 404, false),
  UNKNOWN_PIPELINE(107, ErrorType.USER, 404, false),
  UNKNOWN_EVENT(108, ErrorType.USER, 404, false),
  METHOD_NOT_ALLOWED(109, ErrorType.USER, 405, false),
  AMBIGUOUS_LINK(110, ErrorType.USER, 409, false),
  TOO_LARGE(111, ErrorType.USER, 413, false),
  UNSUPPORTED_MEDIA_TYPE(112, ErrorType.USER, 415, false),
  INVALID_PIPELINE(113, ErrorType.USER, 422, false),
  UNKNOWN_PATH(114, ErrorType.USER, 404, false),
  BAD_REQUEST(115, ErrorType.USER, 400, false),
  HEADERS_TOO_LARGE(116, ErrorType.USER, 431, false),
  OUTDATED(117, ErrorType.USER, 409, false),
  // 2xx: what a function did
  FUNCTION_FAILED(201, ErrorType.FUNCTION, 500, true),
  FUNCTION_REFUSED(202, ErrorType.FUNCTION, 422, false),
  FUNCTION_TIMEOUT(203, ErrorType.FUNCTION, 504, true),
  FUNCTION_CRASHED(204, ErrorType.FUNCTION, 502, true),
  BAD_REPLY(205, ErrorType.FUNCTION, 502, false),
  RESULT_TOO_LARGE(206, ErrorType.FUNCTION, 502, false),
  TOO_MANY_RESULTS(207, ErrorType.FUNCTION, 502, false),
  UNKNOWN_OUTPUT(208, ErrorType.FUNCTION, 502, false),
  UNKNOWN_FUNCTION(209, ErrorType.FUNCTION, 404, true),
  UNREADABLE_DATA(210, ErrorType.FUNCTION, 422, false),
  // 3xx: what was needed and not there
  FUNCTION_UNAVAILABLE(301, ErrorType.RESOURCES, 503, true),
  KAFKA_UNAVAILABLE(302, ErrorType.RESOURCES, 503, true),
  SECRET_MISSING(303, ErrorType.RESOURCES, 503, true),
  OVERLOADED(304, ErrorType.RESOURCES, 429, true),
  STOPPING(305, ErrorType.RESOURCES, 503, true),
  POSITION_LOST(306, ErrorType.RESOURCES, 503, false),
  SNAPSHOT_EXPIRED(307, ErrorType.USER, 504, false),
  SNAPSHOT_OVERFLOW(308, ErrorType.RESOURCES, 507, false),
  DEADLINE_EXCEEDED(309, ErrorType.RESOURCES, 504, false),
  // 4xx: what stands on a topic and cannot be read
  UNREADABLE_RECORD(401, ErrorType.USER, 422, false),
  UNCORRELATED(402, ErrorType.USER, 422, false),
  LATE(403, ErrorType.USER, 422, false),
  SNAPSHOT_TOO_LARGE(404, ErrorType.USER, 422, false),
  FILTERED(405, ErrorType.USER, 200, false),
  FILTER_ERROR(406, ErrorType.USER, 422, false),
  EVENT_EXPIRED(407, ErrorType.USER, 410, false),
  DUPLICATE(408, ErrorType.USER, 200, false),
  TOO_MANY_HOPS(409, ErrorType.USER, 508, false),
  // 9xx: us
  INTERNAL(901, ErrorType.PLATFORM, 500, true);

  private final int number;
  private final ErrorType type;
  private final int httpStatus;
  private final boolean retryable;

  ErrorCode(int number, ErrorType type, int httpStatus, boolean retryable) {
    this.number = number;
    this.type = type;
    this.httpStatus = httpStatus;
    this.retryable = retryable;
  }

  /** The stable number. */
  public int number() {
    return number;
  }

  /** Who can mend it. */
  public ErrorType type() {
    return type;
  }

  /** The status that carries it over HTTP. */
  public int httpStatus() {
    return httpStatus;
  }

  /** Whether the same call may succeed later. */
  public boolean retryable() {
    return retryable;
  }

  /** The word for people and URLs, such as {@code unknown-link}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
