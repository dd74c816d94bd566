package dev.koalja.test;

import dev.koalja.pipeline.error.ErrorCode;

/**
 * Why a call failed, or one event of a batch: what the function's process would answer.
 *
 * @param code the kind of failure
 * @param detail what is the matter; a dead letter says it too
 */
public record Failure(ErrorCode code, String detail) {
  /** Whether the event is a dead letter at once; otherwise it is tried again. */
  public boolean permanent() {
    return !code.retryable();
  }
}
