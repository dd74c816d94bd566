package dev.koalja.router.state;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.event.SnapshotEvents;
import dev.koalja.router.kafka.KafkaCluster;
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
import org.jspecify.annotations.Nullable;

/**
 * What a task remembers of each key. The function is given it with a snapshot, and what it gives
 * back commits with its results. Events of a key go one after the other, so the next one sees what
 * the last one left, committed or about to be.
 */
public final class KeyedStates {
  private static final String TYPE = "dev.koalja.state";

  private final KafkaCluster kafka;
  private final String topic;

  /** By ownership, not by number: a call that began before a partition left must not meddle. */
  private final Map<Object, Map<String, byte[]>> partitions = new ConcurrentHashMap<>();

  private KeyedStates(KafkaCluster kafka, Reader reader) {
    this.kafka = kafka;
    this.topic = TopicName.keyedState(reader.pipeline(), reader.task().name());
  }

  /** Those of a reader's task; empty when it remembers nothing. */
  public static Optional<KeyedStates> of(KafkaCluster kafka, Reader reader) {
    boolean keyed =
        reader.stage() == Reader.Stage.SNAPSHOT
            && reader.task().snapshot().orElseThrow().keyedState();
    return keyed ? Optional.of(new KeyedStates(kafka, reader)) : Optional.empty();
  }

  /**
   * A partition of snapshots is ours.
   *
   * @param ownership stands for the time from now until {@link #revoked}
   * @param fresh whether nothing of it was ever finished, so that nothing can be remembered
   */
  public void assigned(Object ownership, int partition, boolean fresh) throws HeldException {
    Map<String, byte[]> states = new ConcurrentHashMap<>();
    if (!fresh) {
      CompactedTopic.read(
          kafka,
          new TopicPartition(topic, partition),
          record -> remember(states, record.key(), record.value()));
    }
    partitions.put(ownership, states);
  }

  private static void remember(Map<String, byte[]> states, byte[] key, byte @Nullable [] value) {
    String text = new String(key, StandardCharsets.UTF_8);
    if (value == null) {
      states.remove(text);
    } else {
      states.put(text, value);
    }
  }

  /** Another router remembers from now on. */
  public void revoked(Object ownership) {
    partitions.remove(ownership);
  }

  /** The delivery with what is remembered of its key. */
  public Delivery with(Object ownership, Delivery delivery) {
    byte[] state = states(ownership).get(key(delivery));
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
  public void changed(Object ownership, ProducerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topic)) {
      remember(states(ownership), record.key(), record.value());
    }
  }

  /** Of a partition that is ours no more nothing is kept, and what is done with it is dropped. */
  private Map<String, byte[]> states(Object ownership) {
    return partitions.getOrDefault(ownership, new HashMap<>());
  }

  private static String key(Delivery delivery) {
    return delivery.key().orElse("");
  }
}
