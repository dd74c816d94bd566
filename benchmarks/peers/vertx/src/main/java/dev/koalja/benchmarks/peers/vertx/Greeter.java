package dev.koalja.benchmarks.peers.vertx;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.Json;

/** Greets everybody whose name arrives: nothing but Vert.x, set up to start fast. */
public final class Greeter {
  private Greeter() {}

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
        .createHttpServer(
            new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(Integer.parseInt(System.getenv("PORT"))))
        .requestHandler(request -> request.bodyHandler(body -> answer(request, body)))
        .listen()
        .onFailure(
            cause -> {
              System.err.println("cannot listen: " + cause.getMessage());
              System.exit(1);
            });
  }

  private static void answer(HttpServerRequest request, Buffer body) {
    String id = request.getHeader("ce-id");
    if (id == null || request.getHeader("ce-source") == null) {
      request.response().setStatusCode(400).end("no CloudEvent in binary mode");
      return;
    }
    String name = (String) Json.decodeValue(body);
    request
        .response()
        .putHeader("ce-specversion", "1.0")
        .putHeader("ce-id", id + ".0")
        .putHeader("ce-source", "/greet")
        .putHeader("ce-type", "greeting")
        .putHeader("content-type", "application/json")
        .end(Json.encodeToBuffer("Hello, " + name + "!"));
  }
}
