package dev.koalja.router.link;

import dev.koalja.router.kafka.KafkaCluster;
import dev.koalja.router.state.LinkTail;
import io.cloudevents.CloudEvent;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Knows the events that came lately on a partition by {@code source} and {@code id}. It is made of
 * the partition alone, by the times of its records: whoever reads it, whenever, finds the same
 * events to be repeated, so nothing needs to be stored. The poll thread's own.
 */
public final class Duplicates {
  /** So many are known at most; the window ends early beyond. */
  public static final int MAX = 100_000;

  private final long window;
  private final Map<Name, Seen> seen = new LinkedHashMap<>();

  private record Name(String source, String id) {}

  private record Seen(long offset, long time) {}

  /**
   * @param window how long the same source and id mean the same event
   */
  public Duplicates(Duration window) {
    this.window = window.toMillis();
  }

  /**
   * Where the same event stands before a record; empty when it is the first. From now on the record
   * is known itself.
   */
  public Optional<Long> before(CloudEvent event, ConsumerRecord<?, ?> record) {
    Name name = new Name(event.getSource().toString(), event.getId());
    Seen last = seen.remove(name); // put behind all others
    seen.put(name, new Seen(record.offset(), record.timestamp()));
    Iterator<Seen> oldest = seen.values().iterator();
    while (record.timestamp() - oldest.next().time() > window || seen.size() > MAX) {
      oldest.remove();
    }
    return last == null || record.timestamp() - last.time() > window
        ? Optional.empty()
        : Optional.of(last.offset());
  }

  /** Reads what came before a position. */
  void restore(KafkaCluster kafka, TopicPartition partition, long from) {
    LinkTail.read(
        kafka,
        partition,
        from,
        Duration.ofMillis(window),
        MAX + MAX / 4, // transactions have offsets too
        record -> {
          if (EventParser.parse(record) instanceof EventParser.Parsed.Event(var event)) {
            before(event, record);
          }
        });
  }
}
