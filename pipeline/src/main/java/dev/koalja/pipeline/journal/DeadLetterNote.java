package dev.koalja.pipeline.journal;

import java.time.Instant;

/**
 * What somebody did to a dead letter. JSON on the journal topic, record key = {@code dead-letter/}
 * and the letter's place, so that the topic alone says which letters are still open.
 *
 * @param topic the dead-letter or quarantine topic
 * @param partition where the letter stands
 * @param offset where the letter stands
 * @param action what was done
 * @param at when
 */
public record DeadLetterNote(String topic, int partition, long offset, Action action, Instant at) {
  /** Begins the record key of every note. */
  public static final String KEY_PREFIX = "dead-letter/";

  /** What can be done to a dead letter. */
  public enum Action {
    /** Sent back to its reader as it was. */
    RETRIED,
    /** Sent back to its reader with other data. */
    EDITED,
    /** Closed without another try. */
    DELETED
  }

  /** The record key of this note. */
  public String key() {
    return KEY_PREFIX + topic + "/" + partition + "/" + offset;
  }
}
