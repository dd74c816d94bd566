package dev.koalja.router.memory;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.link.Duplicates;
import dev.koalja.router.link.Entrance;
import dev.koalja.router.reply.ResultAppender;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Reads the topics of a reader: its own, and the one on which dead letters come back. */
final class LinkEnd {
  private final MemoryRouter router;
  private final Reader reader;
  private final Entrance entrance;
  private final List<String> topics;
  private final Map<String, Integer> positions = new HashMap<>();
  private final @Nullable Duplicates duplicates;

  LinkEnd(MemoryRouter router, Reader reader, ResultAppender appender) {
    this.router = router;
    this.reader = reader;
    this.entrance = new Entrance(reader, () -> 1, appender);
    var names = new LinkedHashSet<String>(List.of(reader.topic()));
    names.add(TopicName.retry(reader));
    this.topics = List.copyOf(names);
    this.duplicates = reader.task().delivery().deduplicate().map(Duplicates::new).orElse(null);
  }

  boolean hasNext() {
    return topics.stream().anyMatch(topic -> record(topic).isPresent());
  }

  private Optional<ConsumerRecord<byte[], byte[]>> record(String topic) {
    return router.log().at(topic, positions.getOrDefault(topic, 0));
  }

  /** Takes the next record; empty when nothing is left to do with it. */
  Optional<Delivery> next() {
    ConsumerRecord<byte[], byte[]> record =
        topics.stream().flatMap(topic -> record(topic).stream()).findFirst().orElseThrow();
    positions.merge(record.topic(), 1, Integer::sum);
    // what comes back on purpose is no duplicate
    boolean first = record.topic().equals(reader.topic());
    return switch (entrance.enter(record, first ? duplicates : null)) {
      case Entrance.Entered.Event(var delivery) -> Optional.of(delivery);
      case Entrance.Entered.Settled(var appendable) -> {
        router.append(appendable);
        yield Optional.empty();
      }
    };
  }
}
