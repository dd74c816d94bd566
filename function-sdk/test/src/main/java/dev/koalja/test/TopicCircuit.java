package dev.koalja.test;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.TopicName;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A circuit whose links and dead letters are topics, wherever these are. */
abstract class TopicCircuit implements Circuit {
  final Pipeline pipeline;
  final Names names;

  TopicCircuit(Pipeline pipeline) {
    this.pipeline = pipeline;
    this.names = new Names(pipeline);
  }

  /** All that stands on a topic, oldest first. */
  abstract List<ConsumerRecord<byte[], byte[]>> read(String topic);

  @Override
  public final LinkContents link(String name) {
    return new LinkContents(
        name,
        read(TopicName.link(pipeline.name(), names.link(name))).stream()
            .map(Records::event)
            .toList(),
        () -> names.circumstances(this));
  }

  @Override
  public final List<DeadLetter> deadLetters(String task) {
    names.task(task);
    List<DeadLetter> letters = new ArrayList<>();
    for (Reader reader : pipeline.readers()) {
      if (reader.task().name().value().equals(task)) {
        read(TopicName.deadLetter(reader)).stream()
            .map(Records::event)
            .map(event -> Records.letter(reader.input().name().value(), event))
            .forEach(letters::add);
      }
    }
    return letters;
  }

  @Override
  public final void expectNoDeadLetters() {
    names.expectNoDeadLetters(this);
  }
}
