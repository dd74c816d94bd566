package dev.koalja.gateway.journal;

import java.time.Instant;
import java.util.Optional;

/**
 * A dead letter or quarantined record, as the index knows it.
 *
 * @param topic where it stands
 * @param partition where it stands
 * @param offset where it stands
 * @param kind which of the two
 * @param pipeline its reader's pipeline
 * @param task its reader's task
 * @param input its reader's input
 * @param cause why, short enough to group by
 * @param code an HTTP status or the number of an error code; empty when unknown
 * @param attempts how often it was tried; 0 when quarantined
 * @param time when it was put there
 * @param id CloudEvents id; for a quarantined record its {@link #place}
 * @param source CloudEvents source; empty for a quarantined record
 * @param type CloudEvents type; empty for a quarantined record
 * @param key the record key, when it has one
 */
public record Letter(
    String topic,
    int partition,
    long offset,
    Kind kind,
    String pipeline,
    String task,
    String input,
    String cause,
    String code,
    int attempts,
    Instant time,
    String id,
    String source,
    String type,
    Optional<String> key) {

  /** What ended there. */
  public enum Kind {
    /** An event after its last attempt. */
    DEAD_LETTER("dead-letter", "koalja-dead."),
    /** A record no event could be read from. */
    QUARANTINE("quarantine", "koalja-quarantine.");

    private final String word;
    private final String topicPrefix;

    Kind(String word, String topicPrefix) {
      this.word = word;
      this.topicPrefix = topicPrefix;
    }

    /** The word of the control API. */
    public String word() {
      return word;
    }

    /** The kind of a word of the control API. */
    public static Kind of(String word) {
      return word.equals(QUARANTINE.word) ? QUARANTINE : DEAD_LETTER;
    }

    String topicPrefix() {
      return topicPrefix;
    }
  }

  /** What names it for certain: {@code topic:partition:offset}. */
  public String place() {
    return place(topic, partition, offset);
  }

  static String place(String topic, int partition, long offset) {
    return topic + ":" + partition + ":" + offset;
  }
}
