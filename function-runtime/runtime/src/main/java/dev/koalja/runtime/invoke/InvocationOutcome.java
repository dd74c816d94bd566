package dev.koalja.runtime.invoke;

import dev.koalja.pipeline.error.ErrorCode;
import io.cloudevents.CloudEvent;
import java.util.List;
import java.util.Optional;

/** How a call of a function ended; the answer depends on this value alone. */
public sealed interface InvocationOutcome {
  /**
   * It returned.
   *
   * @param results the events it made, in order
   */
  record Succeeded(List<CloudEvent> results) implements InvocationOutcome {}

  /**
   * It did not.
   *
   * @param code why
   * @param detail for people
   * @param cause what was thrown, for callers in the same process
   */
  record Failed(ErrorCode code, String detail, Optional<Throwable> cause)
      implements InvocationOutcome {
    /** Where nothing was thrown, or it says no more. */
    public Failed(ErrorCode code, String detail) {
      this(code, detail, Optional.empty());
    }

    /**
     * The status of the answer. A result that cannot be sent will not get better by trying again,
     * and a router tries every 5xx again; so those are the request's fault here.
     */
    public int status() {
      return code.httpStatus() >= 500 && !code.retryable() ? 422 : code.httpStatus();
    }
  }
}
