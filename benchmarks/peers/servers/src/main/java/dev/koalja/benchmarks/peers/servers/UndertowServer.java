package dev.koalja.benchmarks.peers.servers;

import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Undertow, with one thread for input and output. */
public final class UndertowServer {
  private static final Executor FUNCTIONS = Executors.newVirtualThreadPerTaskExecutor();

  private UndertowServer() {}

  public static void main(String[] args) {
    Undertow.builder()
        .addHttpListener(Greeter.port(), "127.0.0.1")
        .setIoThreads(1)
        .setWorkerThreads(1)
        .setHandler(
            exchange ->
                exchange
                    .getRequestReceiver()
                    .receiveFullBytes(
                        (_, body) -> exchange.dispatch(FUNCTIONS, () -> answer(exchange, body))))
        .build()
        .start();
  }

  private static void answer(HttpServerExchange exchange, byte[] body) {
    String id = exchange.getRequestHeaders().getFirst("ce-id");
    if (!Greeter.isEvent(id, exchange.getRequestHeaders().getFirst("ce-source"))) {
      exchange.setStatusCode(400).endExchange();
      return;
    }
    try {
      byte[] greeting = Greeter.greet(body);
      Greeter.headers(id)
          .forEach(
              (name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
      exchange.getResponseSender().send(ByteBuffer.wrap(greeting));
    } catch (IOException e) {
      exchange.setStatusCode(400).endExchange();
    }
  }
}
