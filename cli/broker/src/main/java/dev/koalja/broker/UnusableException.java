package dev.koalja.broker;

/** Something the broker needs is not there or not usable; the message is one line for people. */
final class UnusableException extends Exception {
  private static final long serialVersionUID = 1L;

  UnusableException(String message) {
    super(message);
  }

  UnusableException(String message, Throwable cause) {
    super(message, cause);
  }
}
