package dev.koalja.knative.serving.local;

/** A process did not become ready. The message says what became of it, for people. */
final class StartFailedException extends Exception {
  private static final long serialVersionUID = 1L;
  private final boolean portTaken;

  StartFailedException(String message, boolean portTaken) {
    super(message);
    this.portTaken = portTaken;
  }

  /** Whether only the port was at fault, so that another try with another port makes sense. */
  boolean portTaken() {
    return portTaken;
  }
}
