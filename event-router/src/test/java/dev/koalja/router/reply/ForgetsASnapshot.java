package dev.koalja.router.reply;

import dev.koalja.router.kafka.KafkaCluster;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** A lane as it must not be: the first snapshot that is completed after a takeover gets lost. */
public final class ForgetsASnapshot extends LaneProducer {
  private boolean forgotten;

  public ForgetsASnapshot(KafkaCluster kafka, String id, Admin admin) {
    super(kafka, id, admin);
  }

  @Override
  Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
    if (!forgotten && record.topic().startsWith("koalja-snapshots.")) {
      forgotten = true;
      return new CompletableFuture<>();
    }
    return super.send(record);
  }
}
