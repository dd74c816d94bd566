package dev.koalja.router.reply;

import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Something finished, mostly an invocation, waiting for its transaction.
 *
 * @param position the partition its event came from
 * @param offset the event's offset, or {@link #NO_OFFSET}
 * @param records results and journal record, in the order to append; byte-identical when repeated
 * @param bytes their size
 * @param committed called once they are durable
 * @param dropped called when the partition was lost before; the next owner repeats the work
 */
public record Completion(
    Position position,
    long offset,
    List<ProducerRecord<byte[], byte[]>> records,
    long bytes,
    Runnable committed,
    Runnable dropped) {
  /** Stands for no record: time itself led to this. */
  public static final long NO_OFFSET = -1;

  public Completion {
    records = List.copyOf(records);
  }
}
