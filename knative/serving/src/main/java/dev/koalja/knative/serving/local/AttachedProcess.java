package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import dev.koalja.pipeline.AppName;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A process that somebody else starts and ends, known by its port alone, as that of {@code
 * quarkus:dev}. It is there while it says that it is ready; nothing else is known of it, and
 * nothing is done to it. "Ended" means here that it is not ready any more, or that we let go of it.
 */
final class AttachedProcess implements AppProcess {
  private static final Duration PROBE = Duration.ofSeconds(2);

  /** How often one asks while it is not ready: somebody mends it just now and waits for events. */
  private static final long LOOK_MILLIS = 100;

  /** How often one asks while it is: until then calls may meet a process that cannot serve them. */
  private static final long WATCH_MILLIS = 500;

  private final AppName app;
  private final int port;
  private final CountDownLatch released = new CountDownLatch(1);

  AttachedProcess(AppBuild build) {
    this.app = build.app();
    this.port = build.attachedAt().orElseThrow();
  }

  /** None that is known. */
  @Override
  public long pid() {
    return 0;
  }

  @Override
  public int port() {
    return port;
  }

  /** Waits as long as it takes: whoever ends it knows when it comes back, we do not. */
  @Override
  public ColdStart awaitReady(Duration limit) throws StartFailedException, InterruptedException {
    long begun = System.nanoTime();
    while (!HealthProbe.ready(port, PROBE)) {
      if (released.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new StartFailedException(this + " is not needed any more", false);
      }
    }
    Duration waited = Duration.ofNanos(System.nanoTime() - begun);
    return new ColdStart(Duration.ZERO, Duration.ZERO, Optional.empty(), Duration.ZERO, waited);
  }

  /** How it was started is not ours to know. */
  @Override
  public Optional<String> withoutCache() {
    return Optional.empty();
  }

  @Override
  public int awaitEnd() throws InterruptedException {
    while (!released.await(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
      if (!HealthProbe.ready(port, PROBE)) {
        break;
      }
    }
    return 0;
  }

  @Override
  public boolean answers(Duration limit) {
    return HealthProbe.ready(port, limit);
  }

  /** Lets go of it. */
  @Override
  public void terminate() {
    released.countDown();
  }

  /** Lets go of it: it is not ours to end. */
  @Override
  public void kill() {
    released.countDown();
  }

  @Override
  public String lastLine() {
    return "";
  }

  @Override
  public String toString() {
    return "app %s at port %d".formatted(app, port);
  }
}
