package dev.koalja.gateway.journal;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One event at one end of one invocation.
 *
 * @param seq the invocation's place in the order of indexing
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
    long seq,
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

  /** The events an invocation was given, and those it made. */
  static List<Sighting> in(long seq, JsonNode invocation) {
    List<Sighting> all = new ArrayList<>();
    for (JsonNode input : invocation.path("inputs")) {
      RecordPlace place =
          new RecordPlace(
              input.path("topic").asText(),
              input.path("partition").asInt(),
              input.path("offset").asLong());
      all.add(of(seq, invocation, input, false, Optional.of(place)));
    }
    for (JsonNode output : invocation.path("outputs")) {
      // a dead letter is the event that was read, not one that was made
      if (!output.path("link").asText().isEmpty()) {
        all.add(of(seq, invocation, output, true, Optional.empty()));
      }
    }
    return all;
  }

  private static Sighting of(
      long seq, JsonNode invocation, JsonNode event, boolean made, Optional<RecordPlace> place) {
    return new Sighting(
        seq,
        event.path("id").asText(),
        event.path("source").asText(),
        made,
        invocation.path("pipeline").asText(),
        invocation.path("invocation").asText(),
        event.path("type").asText(),
        event.path("link").asText(),
        place,
        Optional.ofNullable(event.path("key").textValue()),
        event.path("size").asLong(),
        Optional.ofNullable(event.path("sha256").textValue()));
  }
}
