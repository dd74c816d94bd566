package dev.koalja.knative.serving;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * A place for one request at one instance. Held until closed; closing twice does nothing. Safe to
 * close from another thread.
 */
public interface Lease extends AutoCloseable {
  /** Where to POST the event: the address of the instance with the task as path. */
  URI endpoint();

  /** Names the instance in journals and logs, such as {@code process 3127}. */
  String instance();

  /** How long the instance took to start, present only when this lease waited for that start. */
  Optional<Duration> coldStart();

  /**
   * Whether this place's request may be sent together with those of other places at the same
   * instance. Not where somebody on the way counts requests, as Knative does to scale.
   */
  boolean bundles();

  /** Says that the connection broke, so that the instance is looked at before it is used again. */
  void failed();

  /** Gives the place back. */
  @Override
  void close();
}
