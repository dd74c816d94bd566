package dev.koalja.function.codec;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;

/** The data of an event is not what the function reads; says where and what was expected. */
public final class UnreadableDataException extends KoaljaException {
  private static final long serialVersionUID = 1L;

  /** With a cause underneath. */
  public UnreadableDataException(String message, Throwable cause) {
    super(ErrorCode.UNREADABLE_DATA, message, cause);
  }

  /** With the reason alone. */
  public UnreadableDataException(String message) {
    super(ErrorCode.UNREADABLE_DATA, message);
  }
}
