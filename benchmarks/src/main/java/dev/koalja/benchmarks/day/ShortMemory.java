package dev.koalja.benchmarks.day;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** Makes topics forget, or compact, as fast as the hours go by. */
final class ShortMemory {
  /** What is written is kept so long. */
  static final int KEPT_HOURS = 2;

  /** The newest segment is never compacted: short ones leave little that is outdated. */
  private static final double COMPACTED_HOURS = 0.1;

  private ShortMemory() {}

  /**
   * What the broker has to know when it starts: its metadata is no topic that could be changed, and
   * how often it compacts. By default a segment of metadata takes a week, a snapshot an hour.
   */
  static Path broker(Path file, Clock clock) throws IOException {
    return Files.write(
        file,
        List.of(
            "metadata.log.segment.ms=" + clock.hours(0.5).toMillis(),
            "metadata.log.max.snapshot.interval.ms=" + clock.hours(0.5).toMillis(),
            "metadata.max.retention.ms=" + clock.hours(KEPT_HOURS).toMillis(),
            // every 15 s by default, which is most of such an hour
            "log.cleaner.backoff.ms=" + clock.hours(COMPACTED_HOURS).toMillis()));
  }

  /** The gateway's index forgets as topics do. */
  static Map<String, String> gateway(Clock clock) {
    return Map.of("koalja.journal.keep", clock.hours(KEPT_HOURS).toMillis() + "ms");
  }

  /** Changes all topics there are. */
  static void of(Admin admin, Clock clock) throws Exception {
    Set<String> names = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
    List<ConfigResource> topics =
        names.stream().map(each -> new ConfigResource(ConfigResource.Type.TOPIC, each)).toList();
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    admin
        .describeConfigs(topics)
        .all()
        .get()
        .forEach(
            (topic, config) -> {
              String policy = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
              changes.put(topic, operations(clock, policy.contains("compact")));
            });
    admin.incrementalAlterConfigs(changes).all().get();
  }

  private static List<AlterConfigOp> operations(Clock clock, boolean compacted) {
    List<AlterConfigOp> operations = new ArrayList<>();
    double segment = compacted ? COMPACTED_HOURS : 0.5;
    operations.add(set(TopicConfig.SEGMENT_MS_CONFIG, clock.hours(segment).toMillis()));
    // forgotten files stay for a minute otherwise
    operations.add(set(TopicConfig.FILE_DELETE_DELAY_MS_CONFIG, 1000));
    if (compacted) {
      operations.add(set(TopicConfig.DELETE_RETENTION_MS_CONFIG, clock.hours(1).toMillis()));
      operations.add(set(TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, 0.1));
    } else {
      operations.add(set(TopicConfig.RETENTION_MS_CONFIG, clock.hours(KEPT_HOURS).toMillis()));
    }
    return operations;
  }

  private static AlterConfigOp set(String name, Number value) {
    return new AlterConfigOp(new ConfigEntry(name, value.toString()), AlterConfigOp.OpType.SET);
  }
}
