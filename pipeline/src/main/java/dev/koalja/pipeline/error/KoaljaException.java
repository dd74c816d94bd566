package dev.koalja.pipeline.error;

/** An error with a code; its message says what, where, and what to do. */
public class KoaljaException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final ErrorCode code;

  public KoaljaException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  public KoaljaException(ErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** What kind of error it is. */
  public ErrorCode code() {
    return code;
  }
}
