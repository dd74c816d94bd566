package dev.koalja.gateway.journal;

import dev.koalja.gateway.definition.Kafka;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.annotations.Blocking;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/**
 * Feeds the index from Kafka. Partitions are taken up where the index says it got to; a batch that
 * cannot be written is tried again until it can, as nothing behind it may be skipped.
 */
@ApplicationScoped
@Identifier("koalja-gateway-journal")
public class JournalChannel implements KafkaConsumerRebalanceListener {
  private static final Logger LOG = Logger.getLogger(JournalChannel.class);
  private static final long PAUSE_MS = 1000;

  private final JournalWriter writer;
  private final Kafka kafka;
  private boolean clusterKnown;
  private volatile boolean stopping;

  JournalChannel(JournalWriter writer, Kafka kafka) {
    this.writer = writer;
    this.kafka = kafka;
  }

  /** Indexes a batch. */
  @Incoming("koalja-gateway-journal")
  @Blocking
  void index(ConsumerRecords<byte[], byte[]> records) throws InterruptedException {
    while (!stopping) {
      try {
        writer.write(records);
        return;
      } catch (SQLException e) {
        LOG.errorf("the journal index cannot be written, trying again: %s", e.getMessage());
        Thread.sleep(PAUSE_MS);
      }
    }
  }

  @Override
  public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return;
    }
    try {
      if (!clusterKnown) {
        writer.belongsTo(kafka.admin().describeCluster().clusterId().get());
        clusterKnown = true;
      }
      Map<TopicPartition, Long> places = writer.places();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      for (TopicPartition partition : partitions) {
        long next = places.getOrDefault(partition, 0L);
        if (next == 0 || next > ends.getOrDefault(partition, 0L)) {
          // never read, or a topic made anew under an old name
          consumer.seekToBeginning(List.of(partition));
        } else {
          consumer.seek(partition, next);
        }
      }
    } catch (SQLException | java.util.concurrent.ExecutionException e) {
      // from the beginning is always right, only slower
      LOG.warnf("the journal is indexed from the beginning: %s", e.getMessage());
      consumer.seekToBeginning(partitions);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  void stop(@Observes ShutdownEvent event) {
    stopping = true;
  }
}
