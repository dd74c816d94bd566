package dev.koalja.router.state;

/** A partition must not be read until a person has mended something; the message says what. */
public final class HeldException extends Exception {
  private static final long serialVersionUID = 1L;

  public HeldException(String message) {
    super(message);
  }
}
