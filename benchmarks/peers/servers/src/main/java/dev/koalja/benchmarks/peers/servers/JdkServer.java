package dev.koalja.benchmarks.peers.servers;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** The JDK's server, or the one that the class path has in its place. */
public final class JdkServer {
  private JdkServer() {}

  public static void main(String[] args) throws IOException {
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Greeter.port()), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", JdkServer::answer);
    server.start();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String id = exchange.getRequestHeaders().getFirst("ce-id");
      if (!Greeter.isEvent(id, exchange.getRequestHeaders().getFirst("ce-source"))) {
        exchange.sendResponseHeaders(400, -1);
        return;
      }
      byte[] greeting = Greeter.greet(exchange.getRequestBody().readAllBytes());
      Greeter.headers(id).forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(200, greeting.length);
      exchange.getResponseBody().write(greeting);
    }
  }
}
