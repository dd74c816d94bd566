package dev.koalja.router.snapshot;

import dev.koalja.pipeline.Reader;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.link.ReaderStages;
import dev.koalja.router.link.TopicReader;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.Position;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Takes the events of one input of a joining task to its arrivals topic, where the order of all
 * inputs is decided once and for ever; {@link Intake} decides which and how.
 */
public final class IntakeReader extends TopicReader {
  private final Intake intake;

  public IntakeReader(Reader reader, long revision, ReaderStages stages, CommitLane lane) {
    super(reader, revision, stages, lane);
    this.intake = new Intake(reader, stages.appender());
  }

  @Override
  protected void accept(Position position, ConsumerRecord<byte[], byte[]> record) {
    Optional<Delivery> event = event(position, record);
    if (event.isEmpty()) {
      return;
    }
    Delivery delivery = event.get();
    switch (intake.take(delivery, stages().clock().instant())) {
      case Intake.TakenIn.Arrives(var arrival) ->
          submit(
              position,
              record.offset(),
              delivery.size(),
              List.of(arrival),
              () -> stages().metrics().takenIn(reader()),
              () -> {});
      case Intake.TakenIn.Settled(var appendable) ->
          submit(position, record.offset(), delivery.size(), appendable, () -> {});
    }
  }
}
