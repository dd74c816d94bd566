package dev.koalja.broker;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;

/** The settings of a broker that serves one machine. Each that is no default has its reason. */
final class BrokerSettings {
  static final int NODE = 1;
  static final String CONTROLLER = "CONTROLLER";

  /** 8 MiB of data, and room for key, headers and record framing. */
  private static final int MESSAGE_BYTES = 9 << 20;

  /**
   * Of the topics in which Kafka keeps positions and transactions. A few hundred keys are written
   * over and over; what is outdated goes when a segment is full and compacted, and at 100 MB that
   * would take hours and 800 MB.
   */
  private static final int OWN_SEGMENT_BYTES = 2 << 20;

  /** The least that Kafka takes for the segments of its metadata. */
  private static final int METADATA_SEGMENT_BYTES = 8 << 20;

  private BrokerSettings() {}

  /** What names several: more of them are added to ours. */
  private static final Set<String> LISTS =
      Set.of("listeners", "advertised.listeners", "listener.security.protocol.map");

  /**
   * The same with settings of a file, of Kafka's own names: they replace ours, but for listeners,
   * which are added, so that a broker can be had that lets in by TLS and SASL.
   *
   * @throws UnusableException when the file cannot be read
   */
  static Properties of(Path log, int port, int controllerPort, Path more) throws UnusableException {
    Properties settings = of(log, port, controllerPort);
    Properties added = new Properties();
    try (Reader file = Files.newBufferedReader(more)) {
      added.load(file);
    } catch (IOException | IllegalArgumentException e) {
      throw new UnusableException("the settings in " + more + " cannot be read: " + e.getMessage());
    }
    added.forEach(
        (name, value) ->
            settings.merge(
                name,
                value,
                (ours, theirs) -> LISTS.contains(name) ? ours + "," + theirs : theirs));
    return settings;
  }

  /** Everything {@code KafkaConfig} is told. */
  static Properties of(Path log, int port, int controllerPort) {
    Properties settings = new Properties();
    node(settings, log, port, controllerPort);
    topics(settings);
    transactions(settings);
    groups(settings);
    small(settings);
    return settings;
  }

  private static void node(Properties settings, Path log, int port, int controllerPort) {
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", String.valueOf(NODE));
    // static voters: their port is not part of what is kept, so it may differ at every start
    settings.put("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
    settings.put("controller.listener.names", CONTROLLER);
    settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("inter.broker.listener.name", "PLAINTEXT");
    settings.put(
        "listeners",
        "PLAINTEXT://127.0.0.1:" + port + "," + CONTROLLER + "://127.0.0.1:" + controllerPort);
    settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    settings.put("log.dirs", log.toString());
    // one that was stopped for a while, as when a laptop sleeps, is never taken for dead: nobody
    // else could lead meanwhile, and transactions could be taken for complete (see Predecessor)
    settings.put("broker.session.timeout.ms", String.valueOf(Duration.ofDays(7).toMillis()));
    settings.put("broker.heartbeat.interval.ms", "500");
    // there is nobody to hand leadership to: nobody would lead what producers commit meanwhile,
    // and those transactions would hang for ever (see Predecessor)
    settings.put("controlled.shutdown.enable", "false");
    metadata(settings);
  }

  /** The log of what topics there are. Nobody follows it, so it needs no sign of life. */
  private static void metadata(Properties settings) {
    // a record twice a second tells followers how late they are: 27 MB a day of nothing
    settings.put("metadata.max.idle.interval.ms", "10000");
    // it forgets whole segments below a snapshot: by default, of 1 GB
    settings.put("metadata.log.segment.bytes", String.valueOf(METADATA_SEGMENT_BYTES));
    settings.put("metadata.max.retention.bytes", String.valueOf(2 * METADATA_SEGMENT_BYTES));
  }

  private static void topics(Properties settings) {
    // a topic nobody declared is a mistake, not a wish
    settings.put("auto.create.topics.enable", "false");
    settings.put("default.replication.factor", "1");
    settings.put("min.insync.replicas", "1");
    settings.put("message.max.bytes", String.valueOf(MESSAGE_BYTES));
    settings.put("replica.fetch.max.bytes", String.valueOf(MESSAGE_BYTES));
    // retention and compaction work on whole segments: small ones let go of space sooner
    settings.put("log.segment.bytes", String.valueOf(128 << 20));
    settings.put("log.index.size.max.bytes", String.valueOf(1 << 20));
    // the shortest a link keeps its events is a minute: looking as often costs next to nothing
    settings.put("log.retention.check.interval.ms", "60000");
  }

  private static void transactions(Properties settings) {
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "4");
    settings.put("transaction.state.log.segment.bytes", String.valueOf(OWN_SEGMENT_BYTES));
    // the default of 20 ms is what a transaction right after another one waits
    settings.put("add.partitions.to.txn.retry.backoff.ms", "1");
    // how late a transaction of a killed router is found to have timed out
    settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
  }

  private static void groups(Properties settings) {
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "4");
    settings.put("offsets.topic.segment.bytes", String.valueOf(OWN_SEGMENT_BYTES));
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "4");
    // readers keep there which events above the position are done; this is the protocol's own
    // limit,
    // a client asked to send more fails before it sends
    settings.put("offset.metadata.max.bytes", String.valueOf(Short.MAX_VALUE));
    // a position is never forgotten, however long its reader has not run
    settings.put("offsets.retention.minutes", String.valueOf(Integer.MAX_VALUE));
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("group.min.session.timeout.ms", "1000");
    settings.put("group.consumer.min.session.timeout.ms", "1000");
    settings.put("group.consumer.session.timeout.ms", "6000");
    settings.put("group.consumer.min.heartbeat.interval.ms", "500");
    settings.put("group.consumer.heartbeat.interval.ms", "500");
  }

  private static void small(Properties settings) {
    // one for each reader: beyond the default of 1,000 they push each other out, and every fetch
    // names all its partitions again
    settings.put("max.incremental.fetch.session.cache.slots", "10000");
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "2");
    settings.put("background.threads", "2");
    settings.put("log.cleaner.dedupe.buffer.size", String.valueOf(4 << 20));
    settings.put("metric.reporters", "");
  }
}
