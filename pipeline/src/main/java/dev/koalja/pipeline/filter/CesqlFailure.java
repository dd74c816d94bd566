package dev.koalja.pipeline.filter;

/** Ends the evaluation of an expression. Without a stack trace: events cause it, not bugs. */
final class CesqlFailure extends RuntimeException {
  private final transient Cesql.Error error;
  private final transient Object value;

  /**
   * @param value what the part that failed gives all the same
   */
  CesqlFailure(Cesql.ErrorKind kind, String message, int at, Object value) {
    super(message, null, false, false);
    this.error = new Cesql.Error(kind, message, at);
    this.value = value;
  }

  Cesql.Error error() {
    return error;
  }

  Object value() {
    return value;
  }
}
