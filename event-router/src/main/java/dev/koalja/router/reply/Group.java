package dev.koalja.router.reply;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;

/** The consumer group of a reader, as the commit lane sees it. */
public interface Group {
  /** The group's name. */
  String name();

  /** Membership as the poll thread last saw it; empty before its first poll. */
  Optional<ConsumerGroupMetadata> membership();

  /**
   * Its results cannot be appended at present; they are tried again.
   *
   * @param cause what Kafka said
   */
  default void notCommitted(Throwable cause) {}
}
