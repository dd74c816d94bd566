package dev.koalja.runtime.deployment;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/**
 * The least that a function process could be: the JDK's HTTP server on virtual threads, and nothing
 * else. How long it takes to start says how fast a machine is at starting such programs.
 */
public final class ReferenceProgram {
  private ReferenceProgram() {}

  /** Answers on any free port, which it prints as a function process does. */
  public static void main(String... arguments) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    System.out.println("koalja: listening on port " + server.getAddress().getPort());
  }
}
