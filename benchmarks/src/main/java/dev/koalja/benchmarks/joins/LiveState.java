package dev.koalja.benchmarks.joins;

import dev.koalja.platform.CommittedRecords;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a compacted topic comes to once it is compacted: of each key the last record, unless it says
 * that there is nothing.
 *
 * @param waiting records that hold an event
 * @param bytes keys and values of all records that are left
 * @param records how many stand on the topic, compacted or not
 * @param readMillis how long a plain consumer took to read them
 */
record LiveState(int waiting, long bytes, int records, double readMillis) {
  /** Reads the topic. */
  static LiveState of(String bootstrapServers, String topic) {
    long begin = System.nanoTime();
    List<ConsumerRecord<byte[], byte[]>> all = CommittedRecords.read(bootstrapServers, topic);
    double millis = (System.nanoTime() - begin) / 1e6;
    return of(all, millis);
  }

  static LiveState of(List<ConsumerRecord<byte[], byte[]>> all, double readMillis) {
    Map<List<Object>, ConsumerRecord<byte[], byte[]>> last = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : all) {
      List<Object> key = List.of(record.partition(), ByteBuffer.wrap(record.key()));
      if (record.value() == null) {
        last.remove(key);
      } else {
        last.put(key, record);
      }
    }
    int waiting = 0;
    long bytes = 0;
    for (ConsumerRecord<byte[], byte[]> record : last.values()) {
      bytes += record.key().length + record.value().length;
      waiting += record.value().length >= Pair.BYTES ? 1 : 0;
    }
    return new LiveState(waiting, bytes, all.size(), readMillis);
  }
}
