package dev.koalja.soak;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * A committed record of a topic.
 *
 * @param at where it stands
 * @param key the record key as text, when it has one
 * @param headers the last value of each header
 * @param value the value; empty for none
 */
public record Entry(At at, Optional<String> key, Map<String, String> headers, byte[] value) {
  /**
   * Where a record stands.
   *
   * @param topic the topic
   * @param partition its partition
   * @param offset its offset
   */
  public record At(String topic, int partition, long offset) {
    @Override
    public String toString() {
      return topic + "/" + partition + "/" + offset;
    }
  }

  public Entry {
    headers = Map.copyOf(headers);
  }

  /** The value as text. */
  public String text() {
    return new String(value, StandardCharsets.UTF_8);
  }

  /** The CloudEvents id; empty for what is no event. */
  public String id() {
    return headers.getOrDefault("ce_id", "");
  }

  /** The CloudEvents source; empty for what is no event. */
  public String source() {
    return headers.getOrDefault("ce_source", "");
  }

  @Override
  public String toString() {
    return at + (id().isEmpty() ? "" : " id " + id()) + key.map(each -> " key " + each).orElse("");
  }
}
