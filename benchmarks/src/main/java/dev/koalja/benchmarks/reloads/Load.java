package dev.koalja.benchmarks.reloads;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.locks.LockSupport;

/** Posts orders at a steady rate until it is closed; each has an id of its own, counted from 0. */
final class Load implements AutoCloseable {
  private static final int KEYS = 50;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI orders;
  private final Thread thread;
  private volatile int sent;
  private volatile boolean enough;
  private volatile String failure = "";

  Load(URI orders, int rate) {
    this.orders = orders;
    this.thread = Thread.ofPlatform().name("load").start(() -> run(rate));
  }

  private void run(int rate) {
    long begin = System.nanoTime();
    while (!enough) {
      for (long wait = begin + sent * 1_000_000_000L / rate - System.nanoTime();
          wait > 0;
          wait = begin + sent * 1_000_000_000L / rate - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      try {
        post(sent);
      } catch (IOException | InterruptedException e) {
        failure = "order " + sent + " was not taken: " + e;
        return;
      }
    }
  }

  private void post(int number) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(orders)
                .header("ce-id", "o-" + number)
                .header("ce-source", "/reloads")
                .header("ce-type", "order")
                .header("ce-specversion", "1.0")
                .header("ce-partitionkey", "c-" + number % KEYS)
                .header("content-type", "application/json")
                .POST(
                    BodyPublishers.ofString(
                        "{\"id\":\"o-%d\",\"customer\":\"c-%d\",\"items\":[]}"
                            .formatted(number, number % KEYS)))
                .build(),
            BodyHandlers.ofString());
    if (response.statusCode() != 202) {
      throw new IOException(response.statusCode() + " " + response.body());
    }
    sent = number + 1;
  }

  /**
   * How many were accepted.
   *
   * @throws IllegalStateException when one was not
   */
  int sent() {
    if (!failure.isEmpty()) {
      throw new IllegalStateException(failure);
    }
    return sent;
  }

  /** Ends it; how many were accepted in all. */
  int stop() throws InterruptedException {
    enough = true;
    thread.join();
    return sent();
  }

  @Override
  public void close() {
    enough = true;
    http.shutdownNow();
  }
}
