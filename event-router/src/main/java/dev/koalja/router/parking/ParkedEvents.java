package dev.koalja.router.parking;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord.Attempt;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.kafka.KafkaCluster;
import dev.koalja.router.reply.EventRecords;
import dev.koalja.router.state.CompactedTopic;
import dev.koalja.router.state.HeldException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * Events that wait long for another attempt. They leave their link for a compacted topic of the
 * pipeline, so that the position of the reader goes on; only their key waits with them. Parking,
 * and the end of it, commit with the position, which says how many are parked: what is missing
 * after a restart is noticed. The next owner finds them here with the attempts they had.
 */
public final class ParkedEvents {
  private static final String NOTE = "koalja-parked";
  private static final String KEY = "koalja-key";
  private static final byte[] NOTHING = new byte[0];

  private static final Duration ASK_AGAIN = Duration.ofMinutes(1);
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final KafkaCluster kafka;
  private final Reader reader;
  private final String topic;
  private boolean available;
  private long askedAt = System.nanoTime() - ASK_AGAIN.toNanos();

  /**
   * What stands beside a parked event.
   *
   * @param appended when it was appended to its link
   * @param size bytes of its record there
   * @param data whether it has data; none would mean the end of its parking
   * @param notBefore when it is attempted again
   * @param attempts those it had
   * @param coldStart how long the first one waited
   * @param codeRevision the code that failed last
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Note(
      Instant appended,
      int size,
      boolean data,
      Instant notBefore,
      List<Attempt> attempts,
      Optional<Duration> coldStart,
      Optional<String> codeRevision) {}

  /**
   * An event found parked.
   *
   * @param record as it stood on its link
   */
  public record Parked(ConsumerRecord<byte[], byte[]> record, Note note) {}

  public ParkedEvents(KafkaCluster kafka, Reader reader) {
    this.kafka = kafka;
    this.reader = reader;
    this.topic = TopicName.parked(reader.pipeline());
  }

  /** Whether there is a topic to park on. A pipeline applied by an older gateway has none. */
  public synchronized boolean available() {
    long now = System.nanoTime();
    if (!available && now - askedAt > ASK_AGAIN.toNanos()) {
      askedAt = now;
      try (KafkaConsumer<byte[], byte[]> consumer =
          CompactedTopic.consumer(kafka, "read_committed")) {
        available = !consumer.partitionsFor(topic, LIMIT).isEmpty();
      } catch (KafkaException _) {
        return false; // asked again later
      }
    }
    return available;
  }

  /** The record that parks an event. */
  public ProducerRecord<byte[], byte[]> record(Invocation invocation, Instant notBefore) {
    var delivery = invocation.delivery();
    ProducerRecord<byte[], byte[]> event =
        EventRecords.of(topic, delivery.event(), delivery.trace());
    delivery.key().ifPresent(key -> event.headers().add(KEY, key.getBytes(StandardCharsets.UTF_8)));
    event.headers().add(NOTE, json(invocation, notBefore));
    return new ProducerRecord<>(
        topic,
        0,
        null,
        key(delivery.topic(), delivery.partition(), delivery.offset()),
        event.value() == null ? NOTHING : event.value(),
        event.headers());
  }

  private static byte[] json(Invocation invocation, Instant notBefore) {
    var delivery = invocation.delivery();
    try {
      return Json.MAPPER.writeValueAsBytes(
          new Note(
              delivery.appended(),
              delivery.size(),
              delivery.event().getData() != null,
              notBefore,
              invocation.attempts(),
              invocation.coldStart(),
              invocation.codeRevision()));
    } catch (IOException e) {
      throw new IllegalStateException("texts and times are always JSON", e);
    }
  }

  /** The record that ends the parking of an event. */
  public ProducerRecord<byte[], byte[]> end(Invocation invocation) {
    var delivery = invocation.delivery();
    return new ProducerRecord<>(
        topic, 0, key(delivery.topic(), delivery.partition(), delivery.offset()), null);
  }

  private byte[] key(String of, int partition, long offset) {
    return (prefix(of, partition) + offset).getBytes(StandardCharsets.UTF_8);
  }

  private String prefix(String of, int partition) {
    return "%s/%s/%s/%d/".formatted(reader.task().name(), reader.input().name(), of, partition);
  }

  /**
   * The parked events of a partition, in the order they stood there.
   *
   * @param count how many there have to be
   * @throws HeldException when there are others
   */
  public List<Parked> restore(TopicPartition partition, int count) throws HeldException {
    String prefix = prefix(partition.topic(), partition.partition());
    Map<Long, ConsumerRecord<byte[], byte[]>> found = new TreeMap<>();
    CompactedTopic.read(
        kafka,
        new TopicPartition(topic, 0),
        record -> {
          String key = new String(record.key(), StandardCharsets.UTF_8);
          if (key.startsWith(prefix)) {
            long offset = Long.parseLong(key.substring(prefix.length()));
            if (record.value() == null) {
              found.remove(offset);
            } else {
              found.put(offset, record);
            }
          }
        });
    if (found.size() != count) {
      throw new HeldException(
          "%d events of %s are parked, and %d are on %s"
              .formatted(count, partition, found.size(), topic));
    }
    List<Parked> parked = new ArrayList<>();
    for (var each : found.entrySet()) {
      parked.add(parked(partition, each.getKey(), each.getValue()));
    }
    return parked;
  }

  private Parked parked(TopicPartition partition, long offset, ConsumerRecord<byte[], byte[]> found)
      throws HeldException {
    try {
      Note note = Json.MAPPER.readValue(found.headers().lastHeader(NOTE).value(), Note.class);
      Header key = found.headers().lastHeader(KEY);
      found.headers().remove(NOTE).remove(KEY);
      return new Parked(
          new ConsumerRecord<>(
              partition.topic(),
              partition.partition(),
              offset,
              note.appended().toEpochMilli(),
              found.timestampType(),
              key == null ? 0 : key.value().length,
              note.data() ? found.serializedValueSize() : 0,
              key == null ? null : key.value(),
              note.data() ? found.value() : null,
              found.headers(),
              Optional.empty()),
          note);
    } catch (IOException e) {
      throw new HeldException(
          "offset %d of %s cannot be read: %s".formatted(found.offset(), topic, e.getMessage()));
    }
  }
}
