package dev.koalja.router.reply;

import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Something finished, mostly an invocation, waiting for its transaction.
 *
 * @param position the partition its event came from
 * @param offsets of its events; none when time itself led to this
 * @param records results and journal record, in the order to append; byte-identical when repeated
 * @param bytes their size
 * @param parked 1 when the event is parked with them, -1 when it was and is done, else 0
 * @param committed called once they are durable
 * @param dropped called when the partition was lost before; the next owner repeats the work
 */
public record Completion(
    Position position,
    List<Long> offsets,
    List<ProducerRecord<byte[], byte[]>> records,
    long bytes,
    int parked,
    Runnable committed,
    Runnable dropped) {
  /** Stands for no record: time itself led to this. */
  public static final long NO_OFFSET = -1;

  public Completion {
    offsets = List.copyOf(offsets);
    records = List.copyOf(records);
  }
}
