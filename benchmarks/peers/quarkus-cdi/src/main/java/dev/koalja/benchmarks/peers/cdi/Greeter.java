package dev.koalja.benchmarks.peers.cdi;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** Greets everybody whose name arrives: the floor under any function runtime made of Quarkus. */
@Singleton
public class Greeter {
  @Inject ObjectMapper mapper;
  private HttpServer server;

  void start(@Observes StartupEvent event) throws IOException {
    int port = Integer.parseInt(System.getenv("PORT"));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  void stop(@Observes ShutdownEvent event) {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String id = exchange.getRequestHeaders().getFirst("ce-id");
      if (id == null || exchange.getRequestHeaders().getFirst("ce-source") == null) {
        exchange.sendResponseHeaders(400, -1);
        return;
      }
      String name = mapper.readValue(exchange.getRequestBody(), String.class);
      byte[] greeting = mapper.writeValueAsBytes("Hello, " + name + "!");
      Headers headers = exchange.getResponseHeaders();
      headers.set("ce-specversion", "1.0");
      headers.set("ce-id", id + ".0");
      headers.set("ce-source", "/greet");
      headers.set("ce-type", "greeting");
      headers.set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, greeting.length);
      exchange.getResponseBody().write(greeting);
    }
  }
}
