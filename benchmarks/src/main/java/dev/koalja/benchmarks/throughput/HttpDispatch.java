package dev.koalja.benchmarks.throughput;

import dev.koalja.benchmarks.kafka.Event;
import dev.koalja.benchmarks.load.KeptConnection;
import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.launch.ChildProcess;
import dev.koalja.launch.Launch;
import dev.koalja.platform.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One request per event and nothing else: no Kafka, no guarantee. As many requests are under way as
 * one instance takes; the function has a process of its own, which no autoscaler ends.
 */
final class HttpDispatch implements AutoCloseable {
  private static final int IN_FLIGHT = 100;
  private static final String READY = "koalja: listening on port ";

  private final ChildProcess function;
  private final int port;

  /**
   * Starts the function as the local serving does.
   *
   * @param jar of its app
   * @param log where its output goes
   */
  HttpDispatch(Path jar, Path log) throws IOException {
    function =
        ChildProcess.start(
            Launch.jar(
                "function",
                jar,
                AppBuild.FLAGS,
                Map.of("PORT", Integer.toString(Platform.freePort()), "KOALJA_HOST", "127.0.0.1"),
                log,
                READY));
    port = Integer.parseInt(function.readyLine().substring(READY.length()).strip());
  }

  /**
   * Posts {@code count} events of {@code size} bytes to the function and waits for all answers.
   *
   * @throws ExecutionException when one of them is no greeting
   */
  void send(int count, int size) throws ExecutionException, InterruptedException {
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> sending = new ArrayList<>();
      for (int i = 0; i < IN_FLIGHT; i++) {
        sending.add(senders.submit(() -> send(next, count, size)));
      }
      for (Future<?> each : sending) {
        each.get();
      }
    }
  }

  private Void send(AtomicInteger next, int count, int size) throws IOException {
    try (KeptConnection connection = new KeptConnection(port)) {
      for (int number = next.getAndIncrement(); number < count; number = next.getAndIncrement()) {
        KeptConnection.Answer answer = connection.post("/greet", number, size, Event.KEYS);
        if (answer.status() != 200
            || !Arrays.equals(answer.body(), Event.greet(Event.data(number, size)))) {
          throw new IOException("no greeting for event " + number + ": " + answer.status());
        }
      }
    }
    return null;
  }

  @Override
  public void close() {
    function.close();
  }
}
