package dev.koalja.gateway.definition;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/**
 * How many brokers keep each record of a topic that is made. Existing topics stay as they are.
 *
 * @param factor copies; of more than two, two must be written before a record is acknowledged
 */
public record Replication(int factor) {
  /** The setting an operator may give. */
  public static final String SETTING = "koalja.kafka.replication";

  private static final int USUAL = 3;

  public Replication {
    if (factor < 1 || factor > Short.MAX_VALUE) {
      throw new IllegalStateException("%s is %d, must be 1 or more".formatted(SETTING, factor));
    }
  }

  /** What is set, else three, or as many as the cluster has brokers. */
  static Replication of(Optional<Integer> set, Admin admin) throws InterruptedException {
    return new Replication(
        set.isPresent()
            ? set.get()
            : Math.min(USUAL, Topics.get(admin.describeCluster().nodes()).size()));
  }

  /** A topic to be made like that. */
  NewTopic topic(String name, int partitions, Map<String, String> config) {
    Map<String, String> all = new HashMap<>(config);
    all.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, factor > 2 ? "2" : "1");
    return new NewTopic(name, Optional.of(partitions), Optional.of((short) factor)).configs(all);
  }
}
