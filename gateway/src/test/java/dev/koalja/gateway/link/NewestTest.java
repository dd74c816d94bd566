package dev.koalja.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class NewestTest {
  static ConsumerRecord<byte[], byte[]> record(int partition, long offset, long time) {
    return new ConsumerRecord<>(
        "t",
        partition,
        offset,
        time,
        TimestampType.CREATE_TIME,
        0,
        10,
        new byte[0],
        new byte[10],
        new RecordHeaders(),
        Optional.empty());
  }

  @Test
  void shouldKeepTheNewestInTheOrderTheyWereAppended() {
    Newest newest = new Newest(3, 1000);
    newest.add(record(1, 7, 20));
    newest.add(record(0, 1, 10));
    newest.add(record(0, 3, 30));
    newest.add(record(0, 2, 20));
    assertThat(newest.oldestFirst()).extracting(ConsumerRecord::offset).containsExactly(2L, 7L, 3L);
  }

  @Test
  void shouldKeepNoMoreBytesThanAllowedButOneRecord() {
    Newest newest = new Newest(100, 25);
    for (int i = 0; i < 50; i++) {
      newest.add(record(0, i, i));
    }
    assertThat(newest.oldestFirst()).extracting(ConsumerRecord::offset).containsExactly(48L, 49L);
    Newest one = new Newest(100, 5);
    one.add(record(0, 1, 1));
    assertThat(one.oldestFirst()).hasSize(1);
  }
}
