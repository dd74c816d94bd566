package dev.koalja.router.reply;

import java.util.Collection;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * A partition that a reader owns, as the commit lane sees it. {@link #finish} and {@link
 * #committableWith} are called by the lane's thread only.
 */
public interface Position {
  /** The reader whose group commits it. */
  Group group();

  /** Which partition it is. */
  TopicPartition partition();

  /** False from the moment the partition is revoked or lost; never true again. */
  boolean owned();

  /**
   * What to commit if the records at {@code offsets} are finished too. Changes nothing: until the
   * transaction is decided they are not.
   *
   * @param parked by how many more or fewer of its events are parked then
   */
  OffsetAndMetadata committableWith(Collection<Long> offsets, int parked);

  /** The transaction with these records is decided: they are finished. */
  void finish(Collection<Long> offsets, int parked);
}
