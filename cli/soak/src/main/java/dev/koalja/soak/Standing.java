package dev.koalja.soak;

import java.util.List;
import java.util.Map;

/**
 * What stands on the topics of a pipeline.
 *
 * @param topics the committed records of each topic, partition by partition in their order
 * @param undecided partitions that end with an undecided transaction, and transactions that are
 *     under way
 */
public record Standing(Map<String, List<Entry>> topics, List<String> undecided) {
  public Standing {
    topics = Map.copyOf(topics);
    undecided = List.copyOf(undecided);
  }

  /** The records of a topic; none when there is no such topic. */
  public List<Entry> of(String topic) {
    return topics.getOrDefault(topic, List.of());
  }
}
