package dev.koalja.benchmarks.coldstart;

import dev.koalja.benchmarks.load.KeptConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Many who ask at the same time, each on a connection that is kept, each as fast as it is answered.
 */
final class Crowd {
  private Crowd() {}

  /**
   * Has them ask for a while.
   *
   * @param port where
   * @param connections how many they are
   * @param length for how long
   * @return how many greetings came back in that time
   * @throws ExecutionException when an answer was no greeting
   */
  static long ask(int port, int connections, Duration length)
      throws IOException, ExecutionException, InterruptedException {
    List<KeptConnection> open = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < connections; i++) {
        open.add(new KeptConnection(port)); // all before the clock runs
      }
      long end = System.nanoTime() + length.toNanos();
      List<Future<Long>> asking = new ArrayList<>();
      for (KeptConnection connection : open) {
        asking.add(threads.submit(() -> ask(connection, end)));
      }
      long answered = 0;
      for (Future<Long> each : asking) {
        answered += each.get();
      }
      return answered;
    } finally {
      for (KeptConnection connection : open) {
        connection.close();
      }
    }
  }

  private static long ask(KeptConnection connection, long end) throws IOException {
    long answered = 0;
    while (System.nanoTime() < end) {
      Greeting.ask(connection);
      answered++;
    }
    return answered;
  }
}
