package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import dev.koalja.knative.serving.Lease;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/** A place at a process of this machine. */
final class LocalLease implements Lease {
  private final AppGroup group;
  private final Lane lane;
  private final Instance instance;
  private final Optional<ColdStart> coldStart;
  private final OptionalLong first;
  private volatile boolean broken;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param first since when, in monotonic nanoseconds, if the instance never had a request before
   */
  LocalLease(
      AppGroup group,
      Lane lane,
      Instance instance,
      Optional<ColdStart> coldStart,
      OptionalLong first) {
    this.group = group;
    this.lane = lane;
    this.instance = instance;
    this.coldStart = coldStart;
    this.first = first;
  }

  @Override
  public URI endpoint() {
    return instance.endpoint(lane);
  }

  @Override
  public String instance() {
    return instance.name();
  }

  @Override
  public Optional<Duration> coldStart() {
    return coldStart.map(ColdStart::total);
  }

  @Override
  public boolean bundles() {
    return true;
  }

  @Override
  public void failed() {
    broken = true;
    group.suspect(instance);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      group.release(lane, instance, broken ? OptionalLong.empty() : first);
    }
  }
}
