package dev.koalja.benchmarks.throughput;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One request per event and nothing else: no Kafka, no guarantee. The client is the router's, with
 * as many requests under way as one instance takes.
 */
final class HttpDispatch implements AutoCloseable {
  private static final int IN_FLIGHT = 100;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client =
      vertx.createHttpClient(
          new HttpClientOptions().setKeepAlive(true).setTcpNoDelay(true),
          new PoolOptions().setHttp1MaxSize(IN_FLIGHT));

  /** Posts {@code count} events to a function and waits for all answers. */
  void send(Platform.Instance instance, String path, int count) {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    CompletableFuture<Void> all = new CompletableFuture<>();
    for (int i = 0; i < IN_FLIGHT; i++) {
      one(instance, path, count, next, answered, all);
    }
    all.join();
  }

  private void one(
      Platform.Instance instance,
      String path,
      int count,
      AtomicInteger next,
      AtomicInteger answered,
      CompletableFuture<Void> all) {
    int number = next.getAndIncrement();
    if (number >= count) {
      return;
    }
    post(instance, path, number)
        .onFailure(all::completeExceptionally)
        .onSuccess(
            _ -> {
              if (answered.incrementAndGet() == count) {
                all.complete(null);
              }
              one(instance, path, count, next, answered, all);
            });
  }

  private Future<Buffer> post(Platform.Instance instance, String path, int number) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(instance.port())
            .setURI(path)
            .addHeader("ce-specversion", "1.0")
            .addHeader("ce-id", Integer.toString(number))
            .addHeader("ce-source", "/benchmark")
            .addHeader("ce-type", "name")
            .addHeader("content-type", "text/plain");
    return client
        .request(options)
        .compose(request -> request.send(Buffer.buffer(Event.data(number))))
        .compose(
            response ->
                response.statusCode() == 200
                    ? response.body()
                    : Future.failedFuture("answered " + response.statusCode()));
  }

  @Override
  public void close() {
    client.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
