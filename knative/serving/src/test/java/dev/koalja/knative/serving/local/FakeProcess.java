package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** A process that is only counted, for tests that need very many of them. */
final class FakeProcess implements AppProcess {
  private static final AtomicLong PIDS = new AtomicLong(1000);

  private final long pid = PIDS.incrementAndGet();
  private final CountDownLatch mayBeReady;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile int code;
  private volatile boolean deaf;
  private volatile Optional<String> withoutCache = Optional.empty();

  FakeProcess(CountDownLatch mayBeReady) {
    this.mayBeReady = mayBeReady;
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public int port() {
    return (int) (pid % 10_000) + 10_000;
  }

  @Override
  public ColdStart awaitReady(Duration limit) throws StartFailedException, InterruptedException {
    mayBeReady.await();
    if (ended.getCount() == 0) {
      throw new StartFailedException("process ended with " + code + " while starting", false);
    }
    return new ColdStart(
        Duration.ZERO,
        Duration.ofMillis(1),
        Optional.of(Duration.ofMillis(2)),
        Duration.ofMillis(3),
        Duration.ofMillis(4));
  }

  @Override
  public Optional<String> withoutCache() {
    return withoutCache;
  }

  @Override
  public int awaitEnd() throws InterruptedException {
    ended.await();
    return code;
  }

  @Override
  public boolean answers(Duration limit) {
    return ended.getCount() > 0 && !deaf;
  }

  /** Could not use its start-up cache. */
  FakeProcess without(String why) {
    withoutCache = Optional.of(why);
    return this;
  }

  /** From now on it lives and does not answer. */
  void goDeaf() {
    deaf = true;
  }

  @Override
  public void terminate() {
    end(0);
  }

  @Override
  public void kill() {
    end(137);
  }

  void end(int exitCode) {
    code = exitCode;
    ended.countDown();
  }

  @Override
  public String lastLine() {
    return "";
  }
}
