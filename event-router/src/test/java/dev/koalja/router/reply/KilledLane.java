package dev.koalja.router.reply;

import dev.koalja.router.kafka.KafkaCluster;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * A lane whose process is killed around a commit. It does nothing from there on, and leaves its
 * transaction as it is, as a killed process does.
 */
public final class KilledLane extends LaneProducer {
  private final int killedIn;
  private final boolean committed;
  private int transactions;
  private volatile boolean dead;

  /**
   * @param killedIn the transaction in which it is killed, from 1
   * @param committed whether the commit is still done, and only nobody told
   */
  public KilledLane(KafkaCluster kafka, String id, Admin admin, int killedIn, boolean committed) {
    super(kafka, id, admin);
    this.killedIn = killedIn;
    this.committed = committed;
  }

  /** Whether it was killed. */
  public boolean dead() {
    return dead;
  }

  @Override
  void begin() {
    requireAlive();
    super.begin();
  }

  @Override
  void commit() {
    requireAlive();
    if (++transactions < killedIn) {
      super.commit();
      return;
    }
    if (committed) {
      super.commit();
    }
    dead = true;
    requireAlive();
  }

  @Override
  boolean recover(RuntimeException cause, Map<? extends Position, OffsetAndMetadata> offsets) {
    return !dead && super.recover(cause, offsets);
  }

  private void requireAlive() {
    if (dead) {
      throw new IllegalStateException("killed");
    }
  }
}
