package dev.koalja.builder;

/** A project does something that only Maven can do. */
final class ForMavenException extends Exception {
  private static final long serialVersionUID = 1L;

  ForMavenException(String reason) {
    super(reason);
  }

  ForMavenException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
