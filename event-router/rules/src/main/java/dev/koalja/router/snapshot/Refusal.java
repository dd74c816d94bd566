package dev.koalja.router.snapshot;

/**
 * An event that no firing will use.
 *
 * @param slot the event
 * @param key the key it waited for
 * @param cause what becomes of it
 * @param reason for people, such as {@code waited 1h for stock}
 */
public record Refusal(Slot slot, String key, Cause cause, String reason) {
  /** Why an event is refused. */
  public enum Cause {
    /** Its time was over; it is journaled only. */
    EXPIRED_DROP,
    /** Its time was over; it becomes a dead letter of its input. */
    EXPIRED_DEADLETTER,
    /** As many as may wait did already. */
    OVERFLOW,
    /** Its window had ended. */
    LATE
  }
}
