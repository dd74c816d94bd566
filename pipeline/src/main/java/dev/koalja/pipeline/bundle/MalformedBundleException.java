package dev.koalja.pipeline.bundle;

/** Bytes that are no bundle; the message says where they stop being one. */
public final class MalformedBundleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MalformedBundleException(String message) {
    super(message);
  }
}
