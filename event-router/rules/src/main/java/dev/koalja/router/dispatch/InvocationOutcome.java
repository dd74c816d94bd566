package dev.koalja.router.dispatch;

import dev.koalja.pipeline.error.ErrorCode;
import io.cloudevents.CloudEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How one attempt to run a function ended. The router commits, retries or dead-letters on this
 * value alone.
 */
public sealed interface InvocationOutcome {
  /**
   * The function ran.
   *
   * @param results none, one or many, in order
   * @param status the HTTP status
   * @param codeRevision what the function said of its code
   */
  record Succeeded(List<CloudEvent> results, int status, Optional<String> codeRevision)
      implements InvocationOutcome {
    public Succeeded {
      results = List.copyOf(results);
    }
  }

  /**
   * It failed, and may succeed later.
   *
   * @param retryAfter how long the function asks to be left alone
   */
  record Retryable(
      ErrorCode code,
      String cause,
      Optional<Integer> status,
      Optional<String> codeRevision,
      Optional<Duration> retryAfter)
      implements InvocationOutcome {}

  /** It failed, and would fail again. */
  record Terminal(
      ErrorCode code, String cause, Optional<Integer> status, Optional<String> codeRevision)
      implements InvocationOutcome {}
}
