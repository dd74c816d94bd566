package dev.koalja.gateway.journal;

import java.util.Optional;

/**
 * One event at one end of one invocation.
 *
 * @param id CloudEvents id
 * @param source CloudEvents source
 * @param made whether the invocation made it; else it was given it
 * @param pipeline the invocation's pipeline
 * @param invocation the invocation
 * @param type CloudEvents type
 * @param link the link it is on
 * @param record where its record stands; known of what was read
 * @param key the event's key, when it has one
 * @param size bytes of data
 * @param sha256 digest of the data; known of what was made
 */
public record Sighting(
    String id,
    String source,
    boolean made,
    String pipeline,
    String invocation,
    String type,
    String link,
    Optional<RecordPlace> record,
    Optional<String> key,
    long size,
    Optional<String> sha256) {

  /** Where a record stands. */
  public record RecordPlace(String topic, int partition, long offset) {}
}
