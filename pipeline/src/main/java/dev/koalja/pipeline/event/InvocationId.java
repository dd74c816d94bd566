package dev.koalja.pipeline.event;

import dev.koalja.pipeline.Reader;
import java.time.Instant;

/**
 * Identifies an invocation: one event of one reader, however often it is attempted, by whichever
 * router. Functions use it for idempotency; ids of results begin with it.
 *
 * @param value a {@link Ulid} when Koalja made it; another caller of a function may choose any text
 *     of 1 to 64 characters
 */
public record InvocationId(String value) {
  public InvocationId {
    if (value.isBlank() || value.length() > 64) {
      throw new IllegalArgumentException("an invocation id has 1 to 64 characters");
    }
  }

  /**
   * The id of the invocation that a record causes.
   *
   * @param reader who reads the record
   * @param topic where it stands
   * @param partition where it stands
   * @param offset where it stands
   * @param time the record's timestamp, which does not change when it is read again
   */
  public static InvocationId of(
      Reader reader, String topic, int partition, long offset, Instant time) {
    return new InvocationId(
        Ulid.derived(
            time, reader.toString(), topic, Integer.toString(partition), Long.toString(offset)));
  }

  /** The id of the {@code index}-th result, counted from 0. */
  public String result(int index) {
    return value + "." + index;
  }

  @Override
  public String toString() {
    return value;
  }
}
