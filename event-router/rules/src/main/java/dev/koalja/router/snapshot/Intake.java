package dev.koalja.router.snapshot;

import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.dispatch.Invocation.Next;
import dev.koalja.router.reply.ResultAppender;
import dev.koalja.router.reply.ResultAppender.Appendable;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Decides how an event of an input of a joining task gets to its arrivals: filters, and finds the
 * correlation key on the way. Immutable.
 */
public final class Intake {
  private final ResultAppender appender;
  private final PortName target;
  private final Correlator correlator;

  /** What becomes of an event. */
  public sealed interface TakenIn {
    /** It is to be appended to the arrivals. */
    record Arrives(ProducerRecord<byte[], byte[]> record) implements TakenIn {}

    /** This is all there is to do. */
    record Settled(Appendable appendable) implements TakenIn {}
  }

  /** Of one input. */
  public Intake(Reader reader, ResultAppender appender) {
    this.appender = appender;
    this.target = reader.input().mergeInto().orElse(reader.input().name());
    this.correlator =
        new Correlator(
            reader
                .input()
                .correlate()
                .orElseGet(() -> reader.task().snapshot().orElseThrow().correlate()));
  }

  /** Takes an event in. */
  public TakenIn take(Delivery delivery, Instant now) {
    Optional<Appendable> refused = appender.refusedByFilter(delivery);
    if (refused.isPresent()) {
      return new TakenIn.Settled(refused.get());
    }
    Optional<Instant> expired = delivery.expires().filter(time -> !now.isBefore(time));
    if (expired.isPresent()) {
      return new TakenIn.Settled(
          appender.expired(new Invocation(delivery), "expirytime was " + expired.get()));
    }
    return switch (correlator.key(delivery)) {
      case Correlator.Found.Key(var key) ->
          new TakenIn.Arrives(Arrivals.record(delivery, target, key));
      case Correlator.Found.Missing(var reason) ->
          new TakenIn.Settled(
              appender.deadLetter(
                  new Invocation(delivery),
                  new Next.DeadLetter(ErrorCode.UNCORRELATED, reason, Optional.empty())));
    };
  }
}
