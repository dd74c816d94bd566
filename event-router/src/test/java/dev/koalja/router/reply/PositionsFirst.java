package dev.koalja.router.reply;

import dev.koalja.router.kafka.KafkaCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * A lane as it must not be: commits positions first and results afterwards. As long as nobody kills
 * it between the two, nobody sees.
 */
public final class PositionsFirst extends LaneProducer {
  private final List<ProducerRecord<byte[], byte[]>> results = new ArrayList<>();
  private final int killedIn;
  private int transactions;

  /**
   * @param killedIn the transaction in which it is killed, from 1: it does nothing from there on
   */
  public PositionsFirst(KafkaCluster kafka, String id, Admin admin, int killedIn) {
    super(kafka, id, admin);
    this.killedIn = killedIn;
  }

  @Override
  void begin() {
    if (transactions >= killedIn) {
      throw new IllegalStateException("killed");
    }
    results.clear();
    super.begin();
  }

  @Override
  Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
    results.add(record);
    return new CompletableFuture<>();
  }

  @Override
  void commit() {
    super.commit();
    if (++transactions < killedIn) {
      super.begin();
      results.forEach(super::send);
      super.commit();
    }
  }
}
