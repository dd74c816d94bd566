package dev.koalja.gateway.http;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The virtual threads of requests: one each. On close, streams end by themselves and what is in
 * flight may finish; only what is left then is interrupted.
 */
public final class RequestThreads implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 3;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean open = true;

  /** Runs a request. */
  void execute(Runnable request) {
    threads.execute(request);
  }

  /** Whether streams may go on. */
  boolean open() {
    return open;
  }

  @Override
  public void close() {
    open = false;
    threads.shutdown();
    try {
      if (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException _) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
