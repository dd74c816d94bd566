package dev.koalja.knative.serving.local;

import java.io.IOException;

/**
 * An app that was built does not become ready when it is started: its own fault, not that of the
 * machine. The message quotes what it said, for people.
 */
public final class AppDoesNotStartException extends IOException {
  private static final long serialVersionUID = 1L;

  AppDoesNotStartException(String message) {
    super(message);
  }
}
