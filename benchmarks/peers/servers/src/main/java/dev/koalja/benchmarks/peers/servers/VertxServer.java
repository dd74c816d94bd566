package dev.koalja.benchmarks.peers.servers;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Vert.x, set up to start fast. */
public final class VertxServer {
  private static final Executor FUNCTIONS = Executors.newVirtualThreadPerTaskExecutor();

  private VertxServer() {}

  public static void main(String[] args) {
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    vertx
        .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(Greeter.port()))
        .requestHandler(
            request ->
                request.bodyHandler(body -> FUNCTIONS.execute(() -> answer(request, body))))
        .listen()
        .onFailure(
            cause -> {
              System.err.println("cannot listen: " + cause.getMessage());
              System.exit(1);
            });
  }

  private static void answer(HttpServerRequest request, Buffer body) {
    String id = request.getHeader("ce-id");
    if (!Greeter.isEvent(id, request.getHeader("ce-source"))) {
      request.response().setStatusCode(400).end();
      return;
    }
    try {
      byte[] greeting = Greeter.greet(body.getBytes());
      Greeter.headers(id).forEach(request.response()::putHeader);
      request.response().end(Buffer.buffer(greeting));
    } catch (IOException e) {
      request.response().setStatusCode(400).end();
    }
  }
}
