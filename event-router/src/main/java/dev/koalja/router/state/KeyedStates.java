package dev.koalja.router.state;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.event.SnapshotEvents;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What a task remembers of each key. The function is given it with a snapshot, and what it gives
 * back commits with its results. Events of a key go one after the other, so the next one sees what
 * the last one left, committed or about to be.
 */
public final class KeyedStates {
  private static final String TYPE = "dev.koalja.state";

  private final String bootstrapServers;
  private final String topic;
  private final Map<Integer, Map<String, byte[]>> partitions = new ConcurrentHashMap<>();

  private KeyedStates(String bootstrapServers, Reader reader) {
    this.bootstrapServers = bootstrapServers;
    this.topic = TopicName.keyedState(reader.pipeline(), reader.task().name());
  }

  /** Those of a reader's task; empty when it remembers nothing. */
  public static Optional<KeyedStates> of(String bootstrapServers, Reader reader) {
    boolean keyed =
        reader.stage() == Reader.Stage.SNAPSHOT
            && reader.task().snapshot().orElseThrow().keyedState();
    return keyed ? Optional.of(new KeyedStates(bootstrapServers, reader)) : Optional.empty();
  }

  /** Reads what is remembered on a partition of snapshots. */
  public void assigned(int partition) throws HeldException {
    Map<String, byte[]> states = new HashMap<>();
    CompactedTopic.read(
        bootstrapServers,
        new TopicPartition(topic, partition),
        record -> {
          String key = new String(record.key(), StandardCharsets.UTF_8);
          if (record.value() == null) {
            states.remove(key);
          } else {
            states.put(key, record.value());
          }
        });
    partitions.put(partition, new ConcurrentHashMap<>(states));
  }

  /** Another router remembers from now on. */
  public void revoked(int partition) {
    partitions.remove(partition);
  }

  /** The delivery with what is remembered of its key. */
  public Delivery with(Delivery delivery) {
    byte[] state = states(delivery.partition()).get(key(delivery));
    CloudEventData data = delivery.event().getData();
    if (state == null || data == null) {
      return delivery;
    }
    byte[] batch = data.toBytes();
    ByteArrayOutputStream both = new ByteArrayOutputStream(batch.length + state.length + 1);
    both.write('[');
    both.writeBytes(state);
    if (batch.length > 2) {
      both.write(',');
    }
    both.write(batch, 1, batch.length - 1);
    CloudEvent event =
        CloudEventBuilder.v1(delivery.event())
            .withData(SnapshotEvents.MEDIA_TYPE, both.toByteArray())
            .build();
    return delivery.with(event);
  }

  /** Whether a result is no result but what is to be remembered. */
  public static boolean isState(CloudEvent result) {
    return Reader.STATE.value().equals(result.getExtension(KoaljaExtensions.OUTPUT));
  }

  /** The record that remembers what a function gave back; without data nothing is remembered. */
  public static ProducerRecord<byte[], byte[]> record(Delivery delivery, CloudEvent result) {
    Reader reader = delivery.reader();
    return new ProducerRecord<>(
        TopicName.keyedState(reader.pipeline(), reader.task().name()),
        delivery.partition(),
        key(delivery).getBytes(StandardCharsets.UTF_8),
        result.getData() == null ? null : json(delivery, result));
  }

  private static byte[] json(Delivery delivery, CloudEvent result) {
    CloudEvent state =
        CloudEventBuilder.v1(result)
            .withType(TYPE)
            .withoutExtension(KoaljaExtensions.OUTPUT)
            .build();
    byte[] json = SnapshotEvents.json(state, delivery.key(), delivery.place(), Reader.STATE);
    byte[] head = ("{\"" + KoaljaExtensions.INDEX + "\":0,").getBytes(StandardCharsets.US_ASCII);
    byte[] indexed = Arrays.copyOf(head, head.length + json.length - 1);
    System.arraycopy(json, 1, indexed, head.length, json.length - 1);
    return indexed;
  }

  /** The record is on its way to be committed: the next event of the key sees it. */
  public void changed(ProducerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topic)) {
      Map<String, byte[]> states = states(record.partition());
      String key = new String(record.key(), StandardCharsets.UTF_8);
      if (record.value() == null) {
        states.remove(key);
      } else {
        states.put(key, record.value());
      }
    }
  }

  private Map<String, byte[]> states(int partition) {
    return partitions.getOrDefault(partition, new HashMap<>());
  }

  private static String key(Delivery delivery) {
    return delivery.key().orElse("");
  }
}
