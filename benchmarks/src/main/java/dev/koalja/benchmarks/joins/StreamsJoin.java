package dev.koalja.benchmarks.joins;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * The same join with Kafka Streams, exactly once, as a program of its own. Each event is used once,
 * so it is neither a join of tables nor one of windows: a processor with a store in memory and its
 * changelog, which keeps one record for each waiting event.
 */
public final class StreamsJoin {
  /** The line by which it says that everything runs. */
  static final String READY = "streams ready";

  static final String STORE = "waiting";

  private StreamsJoin() {}

  /** Bootstrap servers, folder for its state, and the names of the joins. */
  public static void main(String[] arguments) throws Exception {
    List<String> names = List.of(arguments).subList(2, arguments.length);
    CountDownLatch running = new CountDownLatch(names.size());
    List<KafkaStreams> all = new ArrayList<>();
    for (String name : names) {
      KafkaStreams streams =
          new KafkaStreams(topology(name), settings(arguments[0], arguments[1], name));
      streams.setStateListener(
          (now, _) -> {
            if (now == KafkaStreams.State.RUNNING) {
              running.countDown();
            } else if (now == KafkaStreams.State.ERROR) {
              System.out.println(name + " failed");
              Runtime.getRuntime().halt(1);
            }
          });
      streams.start();
      all.add(streams);
    }
    running.await();
    System.out.println(READY);
    untilParentEnds();
    all.forEach(KafkaStreams::close);
  }

  /** Who started us holds our standard input open. */
  private static void untilParentEnds() throws IOException {
    while (System.in.read() >= 0) {
      // nothing is ever said
    }
  }

  static String changelog(String name) {
    return name + "-" + STORE + "-changelog";
  }

  private static Properties settings(String bootstrapServers, String folder, String name) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, folder);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    // one that comes back takes its partitions over at once, as a router does
    properties.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), "koalja-0");
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    return properties;
  }

  private static Topology topology(String name) {
    var none = new ByteArrayDeserializer();
    return new Topology()
        .addSource("sides", none, none, name + ".left", name + ".right")
        .addProcessor("join", Join::new, "sides")
        .addStateStore(
            Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(STORE), Serdes.Bytes(), Serdes.ByteArray()),
            "join")
        .addSink(
            "joined",
            name + ".joined",
            new ByteArraySerializer(),
            new ByteArraySerializer(),
            "join");
  }

  /** Takes the oldest that waits on the other side of the key, or waits. */
  @SuppressWarnings("NullAway.Init") // Kafka Streams calls init first
  private static final class Join implements Processor<byte[], byte[], byte[], byte[]> {
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, byte[]> waiting;

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      this.waiting = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      RecordMetadata place = context.recordMetadata().orElseThrow();
      boolean left = place.topic().endsWith(Pair.Side.LEFT.link());
      byte[] other = takeOldest(record.key(), !left);
      if (other == null) {
        waiting.put(place(record.key(), left, place.offset()), record.value());
        return;
      }
      context.forward(
          record.withValue(
              left ? Pair.join(record.value(), other) : Pair.join(other, record.value())));
    }

    private byte @Nullable [] takeOldest(byte[] key, boolean left) {
      KeyValue<Bytes, byte[]> oldest;
      try (KeyValueIterator<Bytes, byte[]> found =
          waiting.range(place(key, left, 0), place(key, left, Long.MAX_VALUE))) {
        if (!found.hasNext()) {
          return null;
        }
        oldest = found.next();
      }
      return waiting.delete(oldest.key);
    }

    /** In order of the keys, then of the offsets. */
    private static Bytes place(byte[] key, boolean left, long offset) {
      byte[] side = (left ? "/l" : "/r").getBytes(StandardCharsets.US_ASCII);
      return Bytes.wrap(
          ByteBuffer.allocate(key.length + side.length + Long.BYTES)
              .put(key)
              .put(side)
              .putLong(offset)
              .array());
    }
  }
}
