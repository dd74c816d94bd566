package dev.koalja.knative.image;

import java.io.IOException;

/**
 * An image that is not run here: damaged, changed, or not one of an app of Koalja. The message says
 * what, where, and what to do, in one line.
 */
public final class InvalidImageException extends IOException {
  private static final long serialVersionUID = 1L;

  /** With a line for people. */
  public InvalidImageException(String message) {
    super(message);
  }

  /** With a line for people, and what was found out by. */
  public InvalidImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
