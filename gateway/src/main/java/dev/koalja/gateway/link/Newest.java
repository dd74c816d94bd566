package dev.koalja.gateway.link;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The newest of the records that are added, however many there are: by time of append, then by
 * place. Bounded in number and bytes. Not thread-safe.
 */
final class Newest {
  static final Comparator<ConsumerRecord<byte[], byte[]>> OLDEST_FIRST =
      Comparator.<ConsumerRecord<byte[], byte[]>>comparingLong(ConsumerRecord::timestamp)
          .thenComparingInt(ConsumerRecord::partition)
          .thenComparingLong(ConsumerRecord::offset);

  private final PriorityQueue<ConsumerRecord<byte[], byte[]>> records =
      new PriorityQueue<>(OLDEST_FIRST);
  private final int most;
  private final long mostBytes;
  private long bytes;

  /** Keeps at most {@code most} records; one is kept however large it is. */
  Newest(int most, long mostBytes) {
    this.most = most;
    this.mostBytes = mostBytes;
  }

  void add(ConsumerRecord<byte[], byte[]> record) {
    records.add(record);
    bytes += size(record);
    while (records.size() > most || bytes > mostBytes && records.size() > 1) {
      bytes -= size(records.remove());
    }
  }

  void clear() {
    records.clear();
    bytes = 0;
  }

  List<ConsumerRecord<byte[], byte[]>> oldestFirst() {
    List<ConsumerRecord<byte[], byte[]>> sorted = new ArrayList<>(records);
    sorted.sort(OLDEST_FIRST);
    return sorted;
  }

  /** The bytes of a record's key and value. */
  static long size(ConsumerRecord<byte[], byte[]> record) {
    return Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
  }
}
