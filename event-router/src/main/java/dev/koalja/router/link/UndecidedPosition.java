package dev.koalja.router.link;

import dev.koalja.router.kafka.KafkaCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.utils.Utils;

/**
 * Why Kafka does not tell the position of a reader: a transaction that may have written one is not
 * decided. That of a producer that was killed is, within seconds of its timeout. One that is over
 * for its coordinator, and open on its partition all the same, hangs: nobody will decide it
 * (KAFKA-20734, where a partition was without a leader while it was committed), and people have to.
 */
final class UndecidedPosition {
  /** In these a coordinator has nothing more to do for a transaction. */
  private static final Set<TransactionState> OVER =
      Set.of(
          TransactionState.EMPTY,
          TransactionState.COMPLETE_COMMIT,
          TransactionState.COMPLETE_ABORT);

  private UndecidedPosition() {}

  /**
   * What stands in the way of a group's positions, the oldest first.
   *
   * @param limit how long each question may take
   * @return empty when nothing does, or Kafka does not say
   */
  static Optional<String> words(KafkaCluster kafka, String group, Duration limit)
      throws InterruptedException {
    try (Admin admin = Admin.create(kafka.properties())) {
      TopicPartition positions = positions(admin, group, limit);
      Optional<ProducerState> oldest =
          admin
              .describeProducers(List.of(positions))
              .partitionResult(positions)
              .get(limit.toMillis(), TimeUnit.MILLISECONDS)
              .activeProducers()
              .stream()
              .filter(each -> each.currentTransactionStartOffset().isPresent())
              .min(Comparator.comparingLong(ProducerState::lastTimestamp));
      if (oldest.isEmpty()) {
        return Optional.empty();
      }
      Collection<TransactionListing> known =
          admin
              .listTransactions(
                  new ListTransactionsOptions()
                      .filterProducerIds(Set.of(oldest.get().producerId())))
              .all()
              .get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return Optional.of(words(positions, oldest.get(), known.stream().findFirst()));
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty(); // not allowed, or not there: what is known already has to do
    }
  }

  private static String words(
      TopicPartition positions, ProducerState open, Optional<TransactionListing> known) {
    String where =
        "open on %s since %s, from offset %d"
            .formatted(
                positions,
                Instant.ofEpochMilli(open.lastTimestamp()),
                open.currentTransactionStartOffset().orElseThrow());
    return known.isEmpty() || OVER.contains(known.get().state())
        ? "a transaction of producer %d hangs, %s: it is over for its coordinator; docs/held-readers.md says how to end it"
            .formatted(open.producerId(), where)
        : "a transaction of %s is not decided, %s".formatted(known.get().transactionalId(), where);
  }

  /** Where Kafka keeps the positions of a group (4.3: {@code GroupCoordinatorService}). */
  private static TopicPartition positions(Admin admin, String group, Duration limit)
      throws InterruptedException, ExecutionException, TimeoutException {
    String topic = Topic.GROUP_METADATA_TOPIC_NAME;
    int partitions =
        Objects.requireNonNull(
                admin
                    .describeTopics(List.of(topic))
                    .allTopicNames()
                    .get(limit.toMillis(), TimeUnit.MILLISECONDS)
                    .get(topic))
            .partitions()
            .size();
    return new TopicPartition(topic, Utils.abs(group.hashCode()) % partitions);
  }
}
