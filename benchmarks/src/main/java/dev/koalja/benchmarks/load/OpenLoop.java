package dev.koalja.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends events at fixed times, whatever becomes of those before. Who cannot keep up is not waited
 * for: an event that is sent late was due all the same, and its latency counts from then.
 *
 * @param begin the moment of {@link System#nanoTime} at which the first is due
 * @param rate events a second
 * @param count how many
 */
public record OpenLoop(long begin, int rate, int count) {
  private static final Duration LEAD = Duration.ofMillis(100);

  /** Somewhere events are sent to; one for each sender. */
  @FunctionalInterface
  public interface Sender extends AutoCloseable {
    /** Sends the event of this index, from 0. */
    void send(int index) throws Exception;

    @Override
    default void close() throws IOException {}
  }

  /** Opens a sender. */
  @FunctionalInterface
  public interface Senders {
    /** A new one. */
    Sender open() throws Exception;
  }

  /** One that begins in a moment. */
  public static OpenLoop soon(int rate, int count) {
    return new OpenLoop(System.nanoTime() + LEAD.toNanos(), rate, count);
  }

  /** When an event is due. */
  public long due(int index) {
    return begin + index * 1_000_000_000L / rate;
  }

  /**
   * Sends all events and returns when the last was sent.
   *
   * @param senders how many there are; each is busy with one event at a time
   * @throws ExecutionException when one of them failed
   */
  public void run(int senders, Senders opening) throws ExecutionException, InterruptedException {
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < senders; i++) {
        running.add(threads.submit(() -> send(next, opening)));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  private Void send(AtomicInteger next, Senders opening) throws Exception {
    try (Sender sender = opening.open()) {
      for (int index = next.getAndIncrement(); index < count; index = next.getAndIncrement()) {
        for (long wait = due(index) - System.nanoTime();
            wait > 0;
            wait = due(index) - System.nanoTime()) {
          LockSupport.parkNanos(wait);
        }
        sender.send(index);
      }
    }
    return null;
  }
}
