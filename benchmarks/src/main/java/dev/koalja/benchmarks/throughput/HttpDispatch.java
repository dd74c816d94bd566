package dev.koalja.benchmarks.throughput;

import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.launch.ChildProcess;
import dev.koalja.launch.Launch;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One request per event and nothing else: no Kafka, no guarantee. The client is the router's, with
 * as many requests under way as one instance takes; the function has a process of its own, which no
 * autoscaler ends.
 */
final class HttpDispatch implements AutoCloseable {
  private static final int IN_FLIGHT = 100;
  private static final int ANSWER_MILLIS = 30_000;
  private static final String READY = "koalja: listening on port ";

  private final ChildProcess function;
  private final int port;
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client =
      vertx.createHttpClient(
          new HttpClientOptions().setKeepAlive(true).setTcpNoDelay(true),
          new PoolOptions().setHttp1MaxSize(IN_FLIGHT));

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

  /** Posts {@code count} events to the function and waits for all answers. */
  void send(int count) {
    Sending sending =
        new Sending(count, new AtomicInteger(), new AtomicInteger(), new CompletableFuture<>());
    for (int i = 0; i < IN_FLIGHT; i++) {
      next(sending);
    }
    sending.all().join();
  }

  /** How far it is. */
  private record Sending(
      int count, AtomicInteger next, AtomicInteger answered, CompletableFuture<Void> all) {}

  private void next(Sending sending) {
    int number = sending.next().getAndIncrement();
    if (number >= sending.count()) {
      return;
    }
    post(number)
        .onFailure(sending.all()::completeExceptionally)
        .onSuccess(
            _ -> {
              if (sending.answered().incrementAndGet() == sending.count()) {
                sending.all().complete(null);
              }
              next(sending);
            });
  }

  private Future<Buffer> post(int number) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/greet")
            .setTimeout(ANSWER_MILLIS)
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
    function.close();
  }
}
