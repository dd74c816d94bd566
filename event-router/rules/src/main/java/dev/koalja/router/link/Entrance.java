package dev.koalja.router.link;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.dispatch.Invocation.Next;
import dev.koalja.router.reply.ResultAppender;
import dev.koalja.router.reply.ResultAppender.Appendable;
import io.cloudevents.CloudEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Where records come in to a reader. One that cannot be read is quarantined, one that came before
 * journaled, one that came from too far a dead letter: these are left to nobody.
 *
 * @param reader who reads
 * @param revision gives the revision of the pipeline in force, which grows while the reader runs
 * @param appender decides what is left behind
 */
public record Entrance(Reader reader, LongSupplier revision, ResultAppender appender) {

  /** What became of a record. */
  public sealed interface Entered {
    /** It is to be dealt with. */
    record Event(Delivery delivery) implements Entered {}

    /** This is all there is to do. */
    record Settled(Appendable appendable) implements Entered {}
  }

  /**
   * Takes the next record of a partition.
   *
   * @param before what came before on the partition; null where nobody asks
   */
  public Entered enter(ConsumerRecord<byte[], byte[]> record, @Nullable Duplicates before) {
    return switch (EventParser.parse(record)) {
      case EventParser.Parsed.Unreadable(var reason) ->
          new Entered.Settled(quarantine(record, reason));
      case EventParser.Parsed.Event(var event) -> {
        Delivery delivery = delivery(record, event);
        yield reader.readsLink() ? admitted(record, delivery, before) : new Entered.Event(delivery);
      }
    };
  }

  private Entered admitted(
      ConsumerRecord<byte[], byte[]> record, Delivery delivery, @Nullable Duplicates before) {
    Optional<Long> first =
        before == null ? Optional.empty() : before.before(delivery.event(), record);
    if (first.isPresent()) {
      return new Entered.Settled(appender.duplicate(delivery, first.get()));
    }
    int most = reader.task().delivery().maxHops();
    int hops = delivery.hops();
    if (hops <= most) {
      return new Entered.Event(delivery);
    }
    Next.DeadLetter letter =
        new Next.DeadLetter(
            ErrorCode.TOO_MANY_HOPS,
            "it came through %d functions, more than maxHops, which is %d: it runs in a circle"
                .formatted(hops, most),
            Optional.empty());
    return new Entered.Settled(appender.deadLetter(new Invocation(delivery), letter));
  }

  /** A record that cannot be used goes to the reader's quarantine. */
  public Appendable quarantine(ConsumerRecord<byte[], byte[]> record, String reason) {
    return appender.quarantine(
        reader, revision.getAsLong(), record, invocation(record).value(), reason);
  }

  /** The invocation that a record leads to, if it leads to one of its own. */
  public InvocationId invocation(ConsumerRecord<byte[], byte[]> record) {
    return InvocationId.of(
        reader,
        record.topic(),
        record.partition(),
        record.offset(),
        Instant.ofEpochMilli(record.timestamp()));
  }

  private Delivery delivery(ConsumerRecord<byte[], byte[]> record, CloudEvent event) {
    return new Delivery(
        reader,
        revision.getAsLong(),
        event,
        record.topic(),
        record.partition(),
        record.offset(),
        Instant.ofEpochMilli(record.timestamp()),
        EventParser.key(record),
        (int) bytes(record),
        invocation(record),
        EventParser.trace(record).child(),
        List.of());
  }

  /** About what a record takes. */
  public static long bytes(ConsumerRecord<byte[], byte[]> record) {
    return 64L
        + Math.max(0, record.serializedKeySize())
        + Math.max(0, record.serializedValueSize());
  }
}
