package dev.koalja.router.snapshot;

import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.dispatch.Invocation.Next;
import dev.koalja.router.link.ReaderStages;
import dev.koalja.router.link.TopicReader;
import dev.koalja.router.reply.CommitLane;
import dev.koalja.router.reply.Position;
import dev.koalja.router.reply.ResultAppender.Appendable;
import io.cloudevents.CloudEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Takes the events of one input of a joining task to its arrivals topic, where the order of all
 * inputs is decided once and for ever. Filters and finds the correlation key on the way.
 */
public final class IntakeReader extends TopicReader {
  private final PortName target;
  private final Correlator correlator;

  public IntakeReader(Reader reader, long revision, ReaderStages stages, CommitLane lane) {
    super(reader, revision, stages, lane);
    this.target = reader.input().mergeInto().orElse(reader.input().name());
    this.correlator =
        new Correlator(
            reader
                .input()
                .correlate()
                .orElseGet(() -> reader.task().snapshot().orElseThrow().correlate()));
  }

  @Override
  protected void accept(Position position, ConsumerRecord<byte[], byte[]> record) {
    Optional<CloudEvent> event = event(position, record);
    if (event.isEmpty()) {
      return;
    }
    Delivery delivery = delivery(record, event.get());
    Optional<Appendable> refused = stages().appender().refusedByFilter(delivery);
    if (refused.isPresent()) {
      submit(position, record.offset(), delivery.size(), refused.get(), () -> {});
      return;
    }
    Optional<Instant> expired =
        delivery.expires().filter(time -> !stages().clock().instant().isBefore(time));
    if (expired.isPresent()) {
      submit(
          position,
          record.offset(),
          delivery.size(),
          stages().appender().expired(new Invocation(delivery), "expirytime was " + expired.get()),
          () -> {});
      return;
    }
    switch (correlator.key(delivery)) {
      case Correlator.Found.Key(var key) ->
          submit(
              position,
              record.offset(),
              delivery.size(),
              List.of(Arrivals.record(delivery, target, key)),
              () -> stages().metrics().takenIn(reader()),
              () -> {});
      case Correlator.Found.Missing(var reason) ->
          submit(
              position,
              record.offset(),
              delivery.size(),
              stages()
                  .appender()
                  .deadLetter(
                      new Invocation(delivery),
                      new Next.DeadLetter(ErrorCode.UNCORRELATED, reason, Optional.empty())),
              () -> {});
    }
  }
}
